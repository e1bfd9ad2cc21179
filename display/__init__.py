"""The hall display: the board, the stage and the voice of a waiting hall (look.md, The hall display).

It shows what the hub says and decides nothing about tickets.
"""
