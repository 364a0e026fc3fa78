"""The registry: organisations, people, vacancies, and the rules that hold."""
