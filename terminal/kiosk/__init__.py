"""Kiosk screens: each one renders a View and sends back intents."""
