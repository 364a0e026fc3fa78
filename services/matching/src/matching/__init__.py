"""Matching: rankings with reasons, proposals and consents."""
