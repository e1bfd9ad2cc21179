"""What takes a message to the operator: Kannel over HTTP, or a GSM modem. Each answers what became of one request."""
