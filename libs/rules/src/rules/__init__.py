"""The law as pure functions of facts and policy: ``check(facts, policies) -> Verdict``."""
