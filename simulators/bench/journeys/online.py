"""The story of Mr Wang: everything online, from the inactive account to the money on his own bank card, and settled."""

import base64
import hashlib
from datetime import date, datetime
from io import BytesIO

from PIL import Image

from protocol.service_line.applications import APPLY, STATUS, ApplyInput, Declaration, Form, StatusInput
from protocol.service_line.cards import ACTIVATE, ActivateInput
from protocol.service_line.documents import DOWNLOAD, UPLOAD, DownloadInput, UploadInput
from protocol.service_line.information import VERIFY_RECEIPT, ReceiptInput
from protocol.service_line.invoices import (
    CASES,
    INVOICE,
    SETTLE,
    CasesInput,
    InvoiceInput,
    SettleInput,
    Settlement,
)
from protocol.service_line.notices import NOTICES, READ, NoticesInput, ReadInput
from protocol.service_line.payouts import AUTHORISE, CONFIRM, ConfirmInput, Ending, PayoutInput
from protocol.service_line.people import BALANCE, HISTORY, BalanceInput, HistoryInput
from protocol.service_line.policy import POLICY, Channel, PayoutMode, PolicyInput, PurposeDetail
from protocol.service_line.review import CASE, DECIDE, QUEUE, CaseInput, DecideInput, Decision, QueueInput
from simulators.authority.applications.bank import find_account
from simulators.authority.ledger.ledger import Account, balance_fen
from simulators.authority.tables.service_line import ChannelKind, StaffRole
from simulators.bench.customer import Plan
from simulators.bench.journeys.course import PASSWORD, Course, Desk
from simulators.bench.journeys.journey import Journey
from simulators.bench.journeys.rules import needing_approval
from simulators.world.virtual_time import BEIJING
from terminal.texts import yuan
from terminal.visit import Ending as VisitEnding

WEIHAI, SHENZHEN = "371000", "440300"
APP = Desk("BANK-APP", ChannelKind.APP, WEIHAI, "371000000000009")
OFFICE = Desk("OFFICE-WEIHAI", ChannelKind.OFFICE, WEIHAI, "371000000000000")

ASKED, MOVED = 450_000, 300_000
"""Asked for and approved; moved to the own bank account (fen)."""

BANK_ACCOUNT = "6228800000000000011"
HOSPITAL = "深圳市第一测试医院"

FORM = Form(
    phone="1990000000",  # a digit is missing, and so are the hospital and the first day
    place=SHENZHEN,
    purpose="TREATMENT_AWAY",
    detail="INPATIENT",
    reason="异地住院治疗",
    amount_fen=ASKED,
    mode=PayoutMode.TRANSFER,
    payee_account=BANK_ACCOUNT,
    declaration=Declaration(version="1", accepted=True),
)


async def script(course: Course) -> None:
    """See the docstring of the file."""
    wang = course.enrol("wh-wang")

    course.chapter("Mr Wang, insured in Weihai, lies in a hospital in Shenzhen. Nothing of his was ever activated.")
    guest = course.anybody("Wang (app)", APP)
    asked = PolicyInput(home=WEIHAI, destination=SHENZHEN, mode=PayoutMode.TRANSFER, channel=Channel.ONLINE)
    rules = await guest.ask(POLICY, asked, "reads the policies of both cities before anything else")
    for rule in rules.combined:
        if rule.key in ("single_limit", "day_limit", "annual_limit"):
            course.tell("Wang (app)", f"reads: {rule.label} {rule.text} ({rule.region})")
    app = await course.online(wang, "Wang (app)", APP)
    before = await app.ask(BALANCE, BalanceInput(), "looks up the balance")
    history = await app.ask(HISTORY, HistoryInput(limit=20), "looks where the balance comes from")
    course.tell("Wang (app)", f"has {yuan(before.balance_fen)} yuan, from {len(history.lines)} credits")
    await app.refused(APPLY, ApplyInput(form=FORM), "applies, but the account is not active, and the form has errors")
    await app.ask(ACTIVATE, ActivateInput(), "asks for a code to activate account and card")
    active = await app.ask(ACTIVATE, ActivateInput(code=course.code(wang)), "types the code")
    course.check("account and card are active at once", (active.account, active.card) == ("active", "active"))

    course.chapter("The application, with errors first")
    wrong = await app.refused(APPLY, ApplyInput(form=FORM), f"applies for {yuan(ASKED)} yuan, with a wrong form")
    course.check(
        "every wrong field is named at once", {reason.field for reason in wrong} == {"phone", "hospital", "begins"}
    )
    mine = await app.ask(STATUS, StatusInput(), "looks whether anything was created")
    course.check("a wrong form creates nothing", not mine.applications)
    right = FORM.model_copy(update={"phone": "19900000001", "hospital": HOSPITAL, "begins": course.now.date()})
    made = await app.ask(APPLY, ApplyInput(form=right), "applies with the corrected form")
    course.check("the application waits for a person", made.state == "submitted")
    missing = [document.kind for document in made.missing_documents]
    for kind in missing:
        picture = _picture(kind)
        upload = UploadInput(
            number=made.number,
            kind=kind,
            content=base64.b64encode(picture).decode(),
            sha256=hashlib.sha256(picture).hexdigest(),
        )
        filed = await app.ask(UPLOAD, upload, f"uploads a photograph: {kind}")
    course.check("every document that the policy wants is there", bool(missing) and not filed.missing_documents)
    waiting = (await app.ask(STATUS, StatusInput(number=made.number), "looks how it stands")).applications[0]
    course.tell("Wang (app)", f"reads: {waiting.state_text}, to be decided by {waiting.decision_due:%m-%d %H:%M}")
    await app.refused(
        AUTHORISE, _payout(made.number), f"would move {yuan(MOVED)} yuan already, before anybody has approved"
    )

    course.chapter("The reviewers in Weihai, next morning", datetime(2026, 11, 24, 9, 30, tzinfo=BEIJING))
    himself = await course.staff("Wang (as reviewer)", "wang", StaffRole.REVIEWER, OFFICE, also=wang)
    await himself.refused(CASE, CaseInput(number=made.number), "works there too, and would take up his own case")
    reviewer = await course.staff("reviewer", "reviewer1", StaffRole.REVIEWER, OFFICE)
    queue = await reviewer.ask(QUEUE, QueueInput(), "looks what waits")
    course.check("the application waits in its home region", [one.number for one in queue.waiting] == [made.number])
    case = await reviewer.ask(CASE, CaseInput(number=made.number), "takes it up")
    course.tell("reviewer", f"sees {case.person} {case.certno}, {len(case.rules)} rules, {len(case.documents)} papers")
    course.check("the applicant is masked", wang.person.name not in case.person and "*" in case.certno)
    for document in case.documents:
        shown = await reviewer.ask(
            DOWNLOAD, DownloadInput(document=document.document), f"looks at {document.kind}; that is on record"
        )
    course.check("a photograph comes out as it went in", base64.b64decode(shown.content) == _picture(shown.kind))
    decided = await reviewer.ask(
        DECIDE, DecideInput(number=made.number, decision=Decision.APPROVE), "approves the whole sum"
    )
    course.check("it is approved", (decided.state, decided.approved_fen) == ("approved", ASKED))

    course.chapter("A part of it goes to his own bank card", datetime(2026, 11, 24, 18, 0, tzinfo=BEIJING))
    await course.again(app, wang)
    news = await app.ask(NOTICES, NoticesInput(unread=True), "reads what is new")
    newest = news.notices[0]
    course.tell("Wang (app)", f"reads: {newest.text}")
    course.check(
        "the newest notice tells of the approval", newest.kind == "approved" and f"{made.number}已批准" in newest.text
    )
    seen_all = ReadInput(notices=tuple(notice.notice for notice in news.notices))
    left = await app.ask(READ, seen_all, "has read all of it")
    course.check("what was read is read", (news.unread, left.unread) == (len(news.notices), 0))
    good = (await app.ask(STATUS, StatusInput(number=made.number), "looks how it stands")).applications[0]
    course.tell("Wang (app)", f"reads: {good.state_text}, {yuan(good.approved_fen or 0)} yuan until {good.valid_until}")
    held = await app.ask(AUTHORISE, _payout(made.number), f"moves {yuan(MOVED)} yuan")
    paid = await app.ask(
        CONFIRM, ConfirmInput(omsgid=held.omsgid, ending=Ending.PAID, paid_fen=MOVED), f"confirms: to {held.payee}"
    )
    course.transferred_fen += MOVED
    course.tell("Wang (app)", f"keeps the receipt: reference {paid.reference}, check code {paid.check_code}")
    proof = await guest.ask(
        VERIFY_RECEIPT, ReceiptInput(reference=paid.reference, check_code=paid.check_code), "has the receipt verified"
    )
    course.tell("Wang (app)", f"reads: {proof.outcome_text}, {yuan(proof.amount_fen or 0)} yuan")
    course.check("the receipt is genuine", (proof.outcome, proof.amount_fen) == ("confirmed", MOVED))
    course.check("the bank has credited it", paid.transfer == "credited")
    after = await app.ask(BALANCE, BalanceInput(), "looks up the balance at once")
    course.check("the account has exactly so much less", after.balance_fen == before.balance_fen - MOVED)
    course.check("the own bank account has exactly so much more", _in_bank(course, BANK_ACCOUNT) == MOVED)
    shown_now = (await app.ask(STATUS, StatusInput(number=made.number), "looks what is left of it")).applications[0]
    course.check("the rest of the approval is left", shown_now.remaining_fen == ASKED - MOVED)

    course.chapter("At a kiosk in Shenzhen he sees the same", datetime(2026, 11, 25, 9, 0, tzinfo=BEIJING))
    await course.morning()
    seen: list[str] = []
    course.bench.watch(lambda view: seen.extend(str(line.values) for line in view.lines))
    await course.visit(wang, Plan(path=("application", "status", "menu", "account", "menu", "return_card"), amount=0))
    course.check("the kiosk shows his application", any(made.number in line for line in seen))

    course.chapter("Home again: the invoices", datetime(2026, 12, 10, 20, 0, tzinfo=BEIJING))
    await course.again(app, wang)
    open_case = (await app.ask(CASES, CasesInput(), "looks what is to be settled")).cases[0]
    course.tell("Wang (app)", f"reads: {open_case.state_text}, due {open_case.due}")
    bill = InvoiceInput(
        case=open_case.case,
        invoice="04400260011223344556",
        issued_on=date(2026, 12, 4),
        amount_fen=MOVED + 120_000,
        reimbursed_fen=120_000,
        detail=PurposeDetail.INPATIENT,
        payer_name=wang.person.name,
        institution=HOSPITAL,
        region=SHENZHEN,
        third_party=False,
    )
    proven = (await app.ask(INVOICE, bill, "hands in the invoice of the hospital")).case
    course.check("the invoice proves what was moved", proven.proven_fen == MOVED)
    await app.refused(INVOICE, bill, "hands in the same invoice once more")

    course.chapter("The case is settled", datetime(2026, 12, 11, 10, 0, tzinfo=BEIJING))
    await reviewer.sign_on(PASSWORD)
    done = await reviewer.ask(SETTLE, SettleInput(case=open_case.case), "settles the case")
    course.tell("reviewer", f"reads: {done.text}")
    course.check("nothing is to be paid or recovered", done.result is Settlement.NOTHING)


def _payout(number: str) -> PayoutInput:
    return PayoutInput(mode=PayoutMode.TRANSFER, amount_fen=MOVED, number=number)


def _picture(kind: str) -> bytes:
    """A photograph of a paper, as good as any: every kind has a colour of its own."""
    made = BytesIO()
    Image.new("RGB", (32, 20), tuple(hashlib.sha256(kind.encode()).digest()[:3])).save(made, "PNG")
    return made.getvalue()


def _in_bank(course: Course, number: str) -> int:
    """What a bank account holds (fen)."""
    host = course.bench.behind
    with host.database.transaction() as connection:
        found = find_account(connection, host.hsm, number)
        assert found is not None
        return balance_fen(connection, Account.bank(found.id))


ONLINE = Journey(
    "Mr Wang, online: account activated, policies read, applied, papers uploaded, reviewed by somebody else, a part "
    "moved to his own bank card, invoices handed in, the case settled.",
    script,
    VisitEnding.ENQUIRED,
    policies=lambda: (needing_approval(WEIHAI), needing_approval(SHENZHEN)),
)
