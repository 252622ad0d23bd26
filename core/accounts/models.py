"""Accounts of the portal and of staff. An account proves that the same one is back; who that is stands elsewhere."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Language(models.TextChoices):
    GERMAN = "de", _("German")
    ENGLISH = "en", _("English")


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Account":
        """Create an account; without a password nobody can log in with one. E-mail addresses are kept in lower case."""
        if not email:
            raise ValueError("an account needs an e-mail address")
        account = self.model(email=email.strip().lower(), **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "Account":
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})

    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(email__iexact=username)


class Account(AbstractBaseUser, PermissionsMixin):
    """Somebody who can log in. Ids that leave the house are `public_id`s."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, db_comment="sensitive=false")
    email = models.EmailField(
        _("e-mail address"),
        unique=True,  # for Django's log-in check; the constraint below says it for every spelling
        db_comment="sensitive=true; in clear: the log-in looks it up and allauth keeps it as well",
    )
    password = models.CharField(_("password"), max_length=128, db_comment="sensitive=true; hash (argon2)")
    last_login = models.DateTimeField(_("last log-in"), null=True, blank=True, db_comment="sensitive=false")
    is_superuser = models.BooleanField(_("may everything"), default=False, db_comment="sensitive=false")
    is_staff = models.BooleanField(_("works here"), default=False, db_comment="sensitive=false")
    is_active = models.BooleanField(_("may log in"), default=True, db_comment="sensitive=false")
    language = models.CharField(
        _("language"), max_length=2, choices=Language, default=Language.GERMAN, db_comment="sensitive=false"
    )
    joined_at = models.DateTimeField(default=timezone.now, editable=False, db_comment="sensitive=false")
    same_person_as = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("same person as"),
        db_comment="sensitive=false; one person with two accounts: where two people are needed they count as one",
    )  # fmt: skip

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = AccountManager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="core_account_one_per_email",
                violation_error_message=_("There is an account with this e-mail address already."),
            ),
            models.CheckConstraint(condition=Q(language__in=Language.values), name="core_account_language_known"),
        ]

    def __str__(self) -> str:
        return str(self.public_id)
