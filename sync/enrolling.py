"""What POST /v1/enrol takes and gives, at a hub and at the server alike. Imports pydantic: no device loads it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from sync.rights import Role


class EnrolIn(BaseModel):
    """What a machine sends that wants to be a device."""

    model_config = ConfigDict(frozen=True)

    code: str = Field(pattern="^[0-9]{10}$")
    role: Role
    public_key: str = Field(pattern="^[A-Za-z0-9+/]{43}=$", description="Ed25519, base64 of 32 bytes.")
    proof: str = Field(max_length=88, description="The key's signature over code, role and key; sync/enrolment.py.")
    hardware: str = Field("", max_length=80, description="Which machine it is, for operators.")


class EnrolOut(BaseModel):
    """Who the machine is from now on."""

    device: str
    role: Role
    centre: str
    incarnation: int
    series: str
    server_key: str = Field("", description="The server's own, which the machine pins: it signs revocations.")
