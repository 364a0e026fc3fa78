"""The journey: one case from vacancy to first lesson, played through the public API as its parties would."""
