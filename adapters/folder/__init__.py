"""The folder intake: a partner puts files into its folder, and they are accepted by the code of the HTTP intake.

The way of one file: `look` (is it complete?) → `delivery` (who, may it, what was accepted before) →
`adapters.intake.acceptance` → `mailbox` (moved away, with its receipt beside it).
"""
