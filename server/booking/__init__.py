"""Booking: who signs in, what is free, who books, moves, cancels, comes or does not. Pages and the API call this alone.

`Booking` (`server.booking.desk`) has all verbs; they are coroutines, each one transaction that is on the disk when it
returns:

    sent     = await booking.begin_sign_in("850000001", "ar", origin)          a code goes out, or it only looks so
    entered  = await booking.finish_sign_in("850000001", "123456", origin)     `born=` too, when BIRTH_DATE was refused
    customer = await booking.customer(entered.token)                           on every request of who is signed in
    days     = await booking.free("muharraq-traffic", "licence-renewal")
    made     = await booking.book(customer, "muharraq-traffic", "licence-renewal", slot_at)
    moved    = await booking.move(customer, made.centre, made.id, slot_at)
    gone     = await booking.cancel(customer, made.centre, made.id)
    mine     = await booking.mine(customer)                                    appointments, history, the block
    ticket   = await booking.by_link(link)                                     what an SMS's link shows, with its QR
    await booking.lift_block(customer_id, by, why)                             staff's
    await booking.sign_out(token)

What they give is in `server.booking.answers`. A rule that says no is a `RefusedError` with a `Why`; what cannot be done
now is `StorageUnavailable` or `RegistryUnavailable`; the rest are bugs. Book, move and cancel may be asked again after
an answer that was lost: they give the same answer and do nothing twice.

The rules are `queueing.slots` and `queueing.keeping`; reasons: docs/decisions/0014-booking.md.
"""
