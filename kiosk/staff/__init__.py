"""Staff at the kiosk: a gesture and a PIN, then a menu. Loaded when it is first opened; no customer's visit knows it.

`menu` is the machine, `moves` what goes into it and comes out, `faces` its words, `session` and `model` its screen,
`errands` what takes time, `door` the one part that is there from the start.
"""
