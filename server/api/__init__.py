"""What other programs need of the HTTP API beside its routes: keys, repetition without doing twice, pages of lists.

`keys` are other systems' keys, `once` is Idempotency-Key, `paging` cursors, `systems` the routes for a key's holder,
`described` what OpenAPI says of them all.
"""
