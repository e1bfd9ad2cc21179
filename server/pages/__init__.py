"""The booking server's pages for everybody: centres, hours, notices, answers, and a customer's own appointments.

Rendered here, whole without scripts and without cookies until somebody signs in. They show and ask; what may be booked
is decided by `server.booking`, what a centre is by the registers.
"""
