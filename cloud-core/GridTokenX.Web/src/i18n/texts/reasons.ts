// Why an order has ended against its owner's wish, and why a meter refused to hold energy: the server's words for it.
// One that is not here is shown as the server says it, or as the problem of that name.
export const reasons = {
  reason_immediate_or_cancel: ["the rest was not to be had at once", "ส่วนที่เหลือจับคู่ไม่ได้ทันที"],
  reason_fill_or_kill: ["not all of it was to be had at once", "จับคู่ทั้งหมดทันทีไม่ได้"],
  reason_transaction_expired: ["it did not reach the chain in time", "ไปถึงบล็อกเชนไม่ทัน"],
  reason_refused: ["refused by the chain", "บล็อกเชนปฏิเสธ"],
  reason_cancelled_on_chain: ["withdrawn on the chain", "ถอนบนบล็อกเชน"],
  reason_expired_on_chain: ["expired on the chain", "หมดอายุบนบล็อกเชน"],
  reason_settlement_failed: ["a settlement failed", "การชำระล้มเหลว"],
  reason_token_account_given_away: ["the token account is somebody else's", "บัญชีโทเคนเป็นของผู้อื่นแล้ว"],
  reason_book_full: ["the order book is full", "สมุดคำสั่งเต็ม"],
  reason_energy_unavailable: ["the battery holds too little", "แบตเตอรี่มีพลังงานไม่พอ"],
  reason_time_unknown: ["the meter does not know the time", "มิเตอร์ไม่รู้เวลา"],
  reason_busy: ["the meter holds energy for another order", "มิเตอร์กำลังเก็บพลังงานให้คำสั่งอื่น"],
  reason_expired: ["the command came too late", "คำสั่งมาช้าเกินไป"],
} as const;
