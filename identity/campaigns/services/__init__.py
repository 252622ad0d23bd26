"""The verbs of campaigns. Each locks the campaign's row first, then its members by key."""

from identity.campaigns.services.asking import carry_campaigns
from identity.campaigns.services.steering import confirm_campaign, draft_campaign, except_person, stop_campaign

__all__ = ["carry_campaigns", "confirm_campaign", "draft_campaign", "except_person", "stop_campaign"]
