"""Sentences of Django and django-allauth whose German we say differently: plain words, and "Sie" throughout."""

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext_lazy

WORDING = (
    _("A user is already registered with this email address."),
    _("Authenticator code"),
    _("Be patient, you are sending too many requests."),
    _("Code"),
    _("Current Password"),
    _("Email"),
    _("Email address"),
    _(
        "Enabling passwordless operation allows you to sign in using just this key, but imposes additional "
        "requirements such as biometrics or PIN protection."
    ),
    _("Forgot your password?"),
    _("Incorrect code."),
    _("Incorrect password."),
    _("Invalid or expired key."),
    _("Key nr. {number}"),
    _("Master key"),
    _("New Password"),
    _("New Password (again)"),
    _("Password (again)"),
    _("Passwordless"),
    _("Please type your current password."),
    _("The email address and/or password you specified are not correct."),
    _("The email address is not assigned to any user account."),
    _("The new value must be different from the current one."),
    _("The password reset token was invalid."),
    _("This account is currently inactive."),
    _("This email address is already associated with this account."),
    _("This field is required."),
    _("Too many failed login attempts. Try again later."),
    _("Use a security key"),
    _("Use authenticator app or code"),
    _("Use your password"),
    _("You cannot activate two-factor authentication until you have verified your email address."),
    _("You cannot add an email address to an account protected by two-factor authentication."),
    _("Your password can’t be a commonly used password."),
    _("Your password can’t be too similar to your other personal information."),
    ngettext_lazy(
        "Your password must contain at least %(min_length)d character.",
        "Your password must contain at least %(min_length)d characters.",
        "min_length",
    ),
    _("You must type the same password each time."),
)
