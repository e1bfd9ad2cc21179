"""The touch app in the hall: a customer checks in and takes a ticket, with or without a network.

`visit` is the conversation, pure; `faces` what each screen says, pure; `models` what QML sees; `backstage` everything
that waits for a disk, a printer or a line. `__main__` puts them together.
"""
