"""The pages of who administers: a centre's manager, a ministry's administrator, a help desk, an auditor.

Rendered here, whole without scripts. They show and ask; who may do what, and what is done, `server.administration`
decides: each change is one of its verbs. They are in no public navigation, and no search engine's.
"""
