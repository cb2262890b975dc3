"""The kiosk: state machine, journal, host line and screens."""
