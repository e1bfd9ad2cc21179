"""Administration: many bodies on one server, who may do what there, and each change of a centre. Pages and API call it.

`Administration` (`server.administration.desk`) has all verbs, by subject; they are coroutines, and what they changed is
on the disk, in the audit log and told to the centre's devices when they return. All but signing in want an `Asker`:

    entered = await it.sign_in("huda", password, origin)       `entered.asker.must_change`: change_password comes first
    asker   = await it.asker(token, origin)                    on every request of who is signed in
    await it.change_password(asker, old, new); await it.sign_out(token)

    it.bodies     tree, overview; add, rename, remove; add_centre, place_centre
    it.accounts   all, get; add, rename, reset_password, disable, enable, grant, take_back, link
    it.centres    document, preview, change, progress
    it.days       week, preview_close, close, open, preview_import, import_holidays
    it.crew       staff, put_staff, disable_staff; devices, new_code, revoke
    it.help       find, cancel, move, free, lift_block (by the customer), lift_block_of (by an appointment)
    it.on_behalf  admit, book, move, cancel: the customer's own doing, by the desk's hands
    it.records    page

What they take and give is in `server.administration.answers`, roles and rights are in `server.administration.roles`. A
rule that says no is a `RefusedError` of `answers` with a `Why`; the help desk's verbs raise booking's own, too
(`server.booking.answers.RefusedError`), and devices' `server.enrolment.RefusedError`. What cannot be done now is
`StorageUnavailable`, for `it.on_behalf` also booking's `RegistryUnavailable`; the rest are bugs. Pages ask
`asker.may(right, body)` before they offer something.

A change of a centre that leaves bookings at times that are no more is refused with DISPLACES, which counts them, until
it says what becomes of them: `displaced="move"` or `"cancel"`. Reasons: docs/decisions/0017-administration.md.
"""
