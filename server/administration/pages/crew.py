"""Who and what works at a centre: the counters' staff with their PINs, devices with their codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from queueing.centre import Centre
from server import enrolment
from server.administration.answers import RefusedError, StaffSeen, Why
from server.administration.pages import fields
from server.administration.pages.centre_room import CentreRoom
from server.administration.pages.fields import REQUIRED, Field
from server.administration.pages.refusals import key_of
from server.administration.pages.room import AT_ONCE
from server.administration.pages.sections import RESERVED, words
from server.administration.roles import Asker, Right
from server.enrolment import Code
from sync.enrolment import grouped
from sync.rights import Role as DeviceRole

_ROLES = (DeviceRole.KIOSK, DeviceRole.DISPLAY, DeviceRole.HUB)
_STAFF_FAULTS: Mapping[Why, tuple[str, str]] = {
    Why.PIN: ("pin", "administration.crew.fault_pin"),
    Why.NAME: ("id", "administration.crew.fault_id"),
    Why.NAME_TAKEN: ("id", "administration.fault.taken"),
}


class CrewPages:
    """Serves them; `router` is mounted by the app."""

    def __init__(self, centres: CentreRoom) -> None:
        self._centres = centres
        self._room = centres.room
        self._crew = self._room.administration.crew
        self.router = APIRouter()
        where = "/centres/{centre}"
        for path, endpoint, method in (
            ("/crew", self._list, "GET"),
            ("/crew/{member}", self._member, "GET"),
            ("/crew/{member}", self._put, "POST"),
            ("/crew/{member}/disable", self._disable, "POST"),
            ("/devices", self._devices, "GET"),
            ("/devices", self._new_code, "POST"),
            ("/devices/{device}", self._device, "GET"),
            ("/devices/{device}/revoke", self._revoke, "POST"),
        ):
            self._room.add(self.router, f"{where}{path}", endpoint, method)

    # --- staff

    async def _list(self, request: Request, asker: Asker) -> Response:
        centre = await self._centres.centre(request, asker)
        after = request.query_params.get("after", "")
        staff = await self._crew.staff(asker, centre.id, after=after, most=AT_ONCE + 1)
        return self._centres.show(
            request,
            asker,
            centre,
            "crew.html",
            "/crew",
            staff=staff[:AT_ONCE],
            newest="" if after else None,
            next_query=urlencode({"after": staff[AT_ONCE - 1].id}) if len(staff) > AT_ONCE else "",
            may_staff=asker.may(Right.STAFF, centre.id),
        )

    async def _member(self, request: Request, asker: Asker) -> Response:
        centre = await self._centres.centre(request, asker)
        member = await self._known(request, asker, centre)
        typed: dict[str, str] = {"role": "clerk" if member is None else member.role}
        if member is not None:
            typed |= {f"name.{each}": member.name.get(each, "") for each in self._room.languages}
        return self._form(request, asker, centre, member, typed)

    async def _put(self, request: Request, asker: Asker) -> Response:
        centre = await self._centres.centre(request, asker)
        form, member = await self._room.form(request), await self._known(request, asker, centre)
        asked = self._fields(request, is_new=member is None)
        typed = fields.typed_in(asked, form)
        values, faults = fields.read(asked, typed, centre.zone)
        if member is None and not typed["pin"]:
            faults["pin"] = REQUIRED
        if not faults:
            name = {each: values["name", each] for each in self._room.languages}
            role = cast(Literal["clerk", "supervisor"], values["role",])
            who = member.id if member is not None else values["id",]
            try:
                known = {each.id for each in await self._crew.staff(asker, centre.id)}
                if member is None and (who in known or who in RESERVED):
                    raise RefusedError(Why.NAME_TAKEN)
                await self._crew.put_staff(asker, centre.id, who, name, role, typed["pin"].strip() or None)
            except RefusedError as error:
                if error.why not in _STAFF_FAULTS:
                    raise
                faults = dict([_STAFF_FAULTS[error.why]])
        if faults:
            return self._form(request, asker, centre, member, typed, faults)
        return self._room.go(request, f"/centres/{centre.id}/crew", "saved" if member is not None else "added")

    async def _disable(self, request: Request, asker: Asker) -> Response:
        await self._room.form(request)
        centre = await self._centres.centre(request, asker)
        await self._crew.disable_staff(asker, centre.id, request.path_params["member"])
        return self._room.go(request, f"/centres/{centre.id}/crew", "disabled")

    async def _known(self, request: Request, asker: Asker, centre: Centre) -> StaffSeen | None:
        """Return the member that a path names, None for a new one. Raises RefusedError."""
        self._room.check(asker, Right.STAFF, centre.id)
        wanted = request.path_params["member"]
        if wanted == "new":
            return None
        for each in await self._crew.staff(asker, centre.id):
            if each.id == wanted:
                return each
        raise RefusedError(Why.NO_SUCH_STAFF)

    def _fields(self, request: Request, *, is_new: bool) -> tuple[Field, ...]:
        t, key = self._room.words(request).t, "administration.crew."
        roles = (
            ("clerk", t("administration.crew.clerk")),
            ("supervisor", t("administration.crew.supervisor")),
        )
        return (
            *([Field(("id",), f"{key}id", f"{key}id_hint", is_required=True, length=64)] if is_new else []),
            *words(("name",), f"{key}name", self._room.languages, is_required=True),
            Field(("role",), f"{key}role", f"{key}role_hint", "one", True, options=roles),
            Field(("pin",), f"{key}pin", f"{key}pin_hint" if is_new else f"{key}pin_keep", "secret", is_new, length=12),
        )

    def _form(
        self,
        request: Request,
        asker: Asker,
        centre: Centre,
        member: StaffSeen | None,
        typed: Mapping[str, str],
        faults: Mapping[str, str] = {},
    ) -> Response:
        asked = self._fields(request, is_new=member is None)
        shown = {name: value for name, value in typed.items() if name != "pin"}
        return self._centres.show(
            request,
            asker,
            centre,
            "member.html",
            "/crew",
            status=422 if faults else 200,
            page_title=self._room.words(request).t("administration.crew.new")
            if member is None
            else self._room.phrases(request).of(member.name),
            entries=fields.entries(asked, shown, faults),
            action=f"{self._centres.here(request, centre)}/crew/{'new' if member is None else member.id}",
            can_disable=member is not None and not member.disabled,
        )

    # --- devices

    async def _devices(self, request: Request, asker: Asker) -> Response:
        return await self._devices_page(request, asker, await self._centres.centre(request, asker))

    async def _new_code(self, request: Request, asker: Asker) -> Response:
        form, centre = await self._room.form(request), await self._centres.centre(request, asker)
        self._room.check(asker, Right.DEVICES, centre.id)
        role = next((each for each in _ROLES if each.value == form.get("role")), None)
        if role is None:
            return await self._devices_page(request, asker, centre, fault=key_of(enrolment.Why.ROLE))
        try:
            code = await self._crew.new_code(asker, centre.id, role, form.get("device", "").strip())
        except enrolment.RefusedError as error:
            return await self._devices_page(request, asker, centre, fault=key_of(error.why))
        return await self._devices_page(request, asker, centre, code=code)

    async def _device(self, request: Request, asker: Asker) -> Response:
        centre = await self._centres.centre(request, asker)
        self._room.check(asker, Right.DEVICES, centre.id)
        wanted = request.path_params["device"]
        found = next((each for each in await self._crew.devices(asker, centre.id) if each.device == wanted), None)
        if found is None:
            return self._room.trouble(request, 404, "missing", asker)
        return self._centres.show(request, asker, centre, "device.html", "/devices", page_title=wanted, device=found)

    async def _revoke(self, request: Request, asker: Asker) -> Response:
        await self._room.form(request)
        centre = await self._centres.centre(request, asker)
        await self._crew.revoke(asker, centre.id, request.path_params["device"])
        return self._room.go(request, f"/centres/{centre.id}/devices", "revoked")

    async def _devices_page(
        self, request: Request, asker: Asker, centre: Centre, *, code: Code | None = None, fault: str = ""
    ) -> Response:
        return self._centres.show(
            request,
            asker,
            centre,
            "devices.html",
            "/devices",
            status=422 if fault else 200,
            devices=await self._crew.devices(asker, centre.id),
            may_devices=asker.may(Right.DEVICES, centre.id),
            roles=[each.value for each in _ROLES],
            code=code,
            code_text=grouped(code.code) if code is not None else "",
            fault=fault,
        )
