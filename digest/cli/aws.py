"""`digest aws`: what the Amazon account needs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.output import PARTLY, AsJson, remark, say, show
from digest.cli.session import session

if TYPE_CHECKING:
    from digest.bootstrap import App
    from digest.events.setup import Part, Plan, Setup

app = typer.Typer(help="What the Amazon account needs so that SES's events reach the mailer.", no_args_is_help=True)

#: The name of the configuration set where the settings name none.
SET = "digest"


@app.command("setup")
def setup(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look and say; change nothing.")] = False,
    name: Annotated[str, typer.Option(help="Name of the topic and the queue.")] = "digest-events",
    as_json: AsJson = False,
) -> None:
    """Make the configuration set, topic, queue and policies that bring SES's events, where they are missing.

    Doing it again changes nothing. Exit code 10 when a dry run finds something missing.

    Example: `digest aws setup --dry-run`, then `digest aws setup`
    """
    from dataclasses import asdict

    with session() as app_:
        work = setup_of(app_, name)
        parts = work.look() if dry_run else list(_made(work, as_json))
        url = work.queue_url()
    plan = work.plan
    missing = any(part.state == "is missing" for part in parts)
    facts = {"account": plan.account, "region": plan.region, "dry_run": dry_run, "parts": parts}
    facts |= {"settings": {"ses.configuration_set": plan.configuration_set, "events.queue_url": url}}
    facts |= {"policies": {"topic": plan.topic_policy, "queue": plan.queue_policy}}

    def tell() -> None:
        if dry_run:
            say(f"In account {plan.account}, {plan.region}:")
            for part in parts:
                say(f"  {part.what}: {'would be made' if part.state == 'is missing' else part.state}")
            _tell_policies(plan)
            say("Nothing was changed." + (" Say it without --dry-run to make what is missing." if missing else ""))
        if url:
            _tell_settings(plan.configuration_set, url)

    show({**facts, "parts": [asdict(part) for part in parts]}, as_json, tell)
    if dry_run and missing:
        raise typer.Exit(PARTLY)


@app.command("policy")
def policy(
    for_setup: Annotated[bool, typer.Option("--for-setup", help="What `digest aws setup` needs beside it.")] = False,
    name: Annotated[str, typer.Option(help="Name of the topic and the queue.")] = "digest-events",
    as_json: AsJson = False,
) -> None:
    """Print what the credentials must be allowed, as a policy for IAM.

    Where nobody can be asked for the account's number, ACCOUNT stands in its place.

    Example: `digest aws policy`
    """
    from digest.errors import SenderError
    from digest.events import permissions

    with session() as app_:
        try:
            account = app_.amazon.account
        except SenderError as error:
            remark(f"{error.message} Put the account's number where ACCOUNT stands.")
            account = "ACCOUNT"
        plan = plan_of(app_, name, account)
        model, region = app_.settings["model.id"], app_.settings["model.region"]
    said = permissions.of_setup(plan) if for_setup else permissions.of_work(plan, model=model, model_region=region)
    show(said, as_json, lambda: say(json.dumps(said, indent=2)))


def plan_of(app_: App, name: str, account: str) -> Plan:
    from digest.events.setup import Plan

    return Plan(
        region=app_.settings["ses.region"],
        account=account,
        configuration_set=app_.settings["ses.configuration_set"] or SET,
        name=name,
    )


def setup_of(app_: App, name: str) -> Setup:
    """The set-up of the settings' account. Raises SenderError."""
    from digest.events.setup import Setup

    return Setup(app_.amazon, plan_of(app_, name, app_.amazon.account))


def _made(work: Setup, as_json: bool) -> list[Part]:
    parts = []
    for part in work.make():
        parts.append(part)
        if not as_json:
            say(f"{part.what}: {part.state}")
    return parts


def _tell_policies(plan: Plan) -> None:
    for what, said in (("topic", plan.topic_policy), ("queue", plan.queue_policy)):
        say(f"The policy of the {what} {plan.name}:")
        say(json.dumps(said, indent=2))


def _tell_settings(configuration_set: str, url: str) -> None:
    say("In settings.toml:")
    say(f'  [ses]\n  configuration_set = "{configuration_set}"')
    say(f'  [events]\n  queue_url = "{url}"')
