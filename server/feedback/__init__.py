"""What customers say of their visits: ratings and complaints. Pages and the API call this alone.

`Feedback` (`server.feedback.desk`) has all verbs; they are coroutines, each one transaction:

    mine  = await feedback.mine(customer)                       visits to rate, ratings given, complaints filed
    given = await feedback.rate(customer, centre, visit, 4, "quick")                 once for each visit
    filed = await feedback.complain(customer, centre, Kind.WAITING, "...", visit)    has a number and a deadline

Staff take a complaint in hand and answer it by `server.administration.complaints`.

A rating is given once, wherever: its row is named by the visit, and the first one stands. What customers write is
sealed like other personal data, and forgotten by `server.retention`; a score stays, without the person. It decides
nothing about appointments.
"""
