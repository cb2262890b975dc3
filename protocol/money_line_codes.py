"""Field 39 of the money line: every reply code with its words and what the terminal does about it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Self


class Treatment(StrEnum):
    """What a reply code asks of the terminal. Capturing a card stays a switch of the policy."""

    APPROVE = "approve"
    DECLINE = "decline"
    OTHER_AMOUNT = "otherAmount"
    RETRY_PIN = "retryPin"
    CAPTURE = "capture"
    SIGN_ON = "signOn"
    OUT_OF_SERVICE = "outOfService"
    TRY_LATER = "tryLater"
    BATCH_UPLOAD = "batchUpload"
    REVERSE = "reverse"


class ResponseCode(StrEnum):
    """Reply codes. Anything but a plain 00 that may have moved money is given back: `REVERSE`."""

    zh: str
    en: str
    treatment: Treatment

    def __new__(cls, value: str, zh: str, en: str, treatment: Treatment) -> Self:
        """The code is the value; words and treatment are attributes."""
        code = str.__new__(cls, value)
        code._value_ = value
        code.zh = zh
        code.en = en
        code.treatment = treatment
        return code

    APPROVED = "00", "交易成功", "approved", Treatment.APPROVE
    REFER_TO_ISSUER = "01", "查发卡行", "refer to the card issuer", Treatment.DECLINE
    REFER_SPECIAL = "02", "特殊条件", "refer to the card issuer, special condition", Treatment.DECLINE
    INVALID_MERCHANT = "03", "无效商户", "unknown provider", Treatment.OUT_OF_SERVICE
    CAPTURE_CARD = "04", "没收卡", "capture the card", Treatment.CAPTURE
    DO_NOT_HONOUR = "05", "不予承兑", "not honoured", Treatment.DECLINE
    ERROR = "06", "出错", "error", Treatment.DECLINE
    CAPTURE_SPECIAL = "07", "特殊条件没收卡", "capture the card, special condition", Treatment.CAPTURE
    IN_PROGRESS = "09", "请求正在处理中", "request in progress", Treatment.REVERSE
    PARTIAL_APPROVAL = "10", "部分批准", "part of the amount approved", Treatment.REVERSE
    DEFECTIVE_SUCCESS = "11", "有缺陷的成功", "success with a defect", Treatment.REVERSE
    INVALID_TRANSACTION = "12", "无效交易", "invalid transaction", Treatment.DECLINE
    INVALID_AMOUNT = "13", "无效金额", "invalid amount", Treatment.OTHER_AMOUNT
    INVALID_CARD = "14", "无效卡号", "invalid card number", Treatment.DECLINE
    NO_SUCH_ISSUER = "15", "无此发卡方", "no such issuer", Treatment.DECLINE
    SUSPECTED_MALFUNCTION = "22", "怀疑操作有误", "suspected malfunction", Treatment.DECLINE
    ORIGINAL_NOT_FOUND = "25", "查不到原交易", "original not found", Treatment.DECLINE
    FORMAT_ERROR = "30", "格式错误", "format error", Treatment.DECLINE
    EXPIRED_CAPTURE = "33", "过期卡没收", "expired, capture the card", Treatment.CAPTURE
    FRAUD_CAPTURE = "34", "作弊", "fraud, capture the card", Treatment.CAPTURE
    CONTACT_ACQUIRER_CAPTURE = "35", "没收卡,与受理方联系", "capture the card, contact acquirer", Treatment.CAPTURE
    RESTRICTED_CAPTURE = "36", "受限制的卡没收", "restricted, capture the card", Treatment.CAPTURE
    CALL_SECURITY_CAPTURE = "37", "没收卡,呼受理方安全部门", "capture the card, call security", Treatment.CAPTURE
    PIN_TRIES_CAPTURE = "38", "超过密码次数", "PIN tries exceeded, capture the card", Treatment.CAPTURE
    NOT_SUPPORTED = "40", "请求的功能尚不支持", "function not supported", Treatment.DECLINE
    LOST_CARD = "41", "挂失卡", "reported lost", Treatment.CAPTURE
    NO_SUCH_ACCOUNT = "42", "无此账户", "no such account", Treatment.DECLINE
    STOLEN_CARD = "43", "被窃卡", "reported stolen", Treatment.CAPTURE
    INSUFFICIENT_FUNDS = "51", "余额不足", "insufficient funds", Treatment.OTHER_AMOUNT
    NO_SAVINGS_ACCOUNT = "53", "无此储蓄账户", "no savings account", Treatment.DECLINE
    EXPIRED_CARD = "54", "过期的卡", "expired card", Treatment.DECLINE
    WRONG_PIN = "55", "密码错误", "wrong PIN", Treatment.RETRY_PIN
    NO_CARD_RECORD = "56", "无此卡记录", "no record of the card", Treatment.DECLINE
    NOT_PERMITTED_HOLDER = "57", "不允许持卡人进行的交易", "not permitted to the holder", Treatment.DECLINE
    NOT_PERMITTED_TERMINAL = "58", "不允许终端进行的交易", "not permitted to the terminal", Treatment.DECLINE
    SUSPECTED_FRAUD = "59", "有作弊嫌疑", "suspected fraud", Treatment.DECLINE
    OVER_LIMIT = "61", "超出取款金额限制", "over the amount limit", Treatment.OTHER_AMOUNT
    RESTRICTED_CARD = "62", "受限制的卡", "restricted card", Treatment.DECLINE
    SECURITY_VIOLATION = "63", "违反安全保密规定", "security violation", Treatment.SIGN_ON
    WRONG_ORIGINAL_AMOUNT = "64", "原始金额不正确", "original amount incorrect", Treatment.DECLINE
    OVER_COUNT = "65", "超出取款次数限制", "over the number of withdrawals", Treatment.DECLINE
    HARD_CAPTURE = "67", "没收卡", "capture the card at once", Treatment.CAPTURE
    ANSWER_TOO_LATE = "68", "收到的回答太迟", "answer came too late", Treatment.REVERSE
    PIN_TRIES_EXCEEDED = "75", "密码输入次数超限", "PIN tries exceeded", Treatment.DECLINE
    BATCH_MISMATCH = "77", "批次不一致,需签到", "batch mismatch, sign on", Treatment.SIGN_ON
    NOT_BALANCED = "79", "对账不平", "totals not balanced", Treatment.BATCH_UPLOAD
    DATE_CHANGE = "90", "日期切换", "change of date", Treatment.TRY_LATER
    ISSUER_INOPERATIVE = "91", "发卡方不能操作", "issuer inoperative", Treatment.REVERSE
    UNREACHABLE = "92", "机构不可达", "institution unreachable", Treatment.REVERSE
    DUPLICATE = "94", "重复交易", "duplicate transaction", Treatment.DECLINE
    RECONCILIATION_ERROR = "95", "调节控制错", "reconciliation error", Treatment.DECLINE
    SYSTEM_ERROR = "96", "系统异常", "system malfunction", Treatment.REVERSE
    NO_SUCH_TERMINAL = "97", "无此终端", "no such terminal", Treatment.OUT_OF_SERVICE
    NO_ISSUER_ANSWER = "98", "收不到发卡方应答", "no answer from the issuer", Treatment.REVERSE
    PIN_FORMAT = "99", "PIN格式错", "PIN format error", Treatment.SIGN_ON
    MAC_ERROR = "A0", "MAC校验错", "MAC error", Treatment.REVERSE


_BY_VALUE: Mapping[str, ResponseCode] = {str(code): code for code in ResponseCode}


def response_code(code: str) -> ResponseCode | None:
    """The entry for field 39, None for a code that the table does not have."""
    return _BY_VALUE.get(code)


def treatment_of(code: str) -> Treatment:
    """What to do about a reply code; one that no table agrees on (A1 to A7) or knows may have moved money."""
    known = response_code(code)
    return known.treatment if known else Treatment.REVERSE


class ReversalCause(StrEnum):
    """Field 39 of a reversal: why."""

    OTHER = "06"
    TERMINAL_FAULT = "96"
    NO_ANSWER = "98"
    BAD_MAC = "A0"


ADVICE_ENDING_CODES = (ResponseCode.APPROVED, ResponseCode.ORIGINAL_NOT_FOUND, ResponseCode.DUPLICATE)
"""Answers after which a confirm or reversal is not repeated."""
