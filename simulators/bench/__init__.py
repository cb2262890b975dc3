"""One kiosk wired together from a bench file."""
