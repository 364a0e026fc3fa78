"""The way out of the house: mail to people, webhooks to partners. Nothing else here talks to the outside."""
