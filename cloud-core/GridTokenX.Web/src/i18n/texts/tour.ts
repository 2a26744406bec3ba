// The guided tour: the seven things that are shown to guests.
export const tour = {
  tour: ["Guided tour", "ทัวร์แนะนำ"],
  tourStep: ["{0} of {1}", "{0} จาก {1}"],
  tourNext: ["Next", "ถัดไป"],
  tourBack: ["Back", "ย้อนกลับ"],
  tourEnd: ["End the tour", "จบทัวร์"],
  tour1: ["A blockchain with a known authority, on this machine", "บล็อกเชนที่รู้ผู้ดูแล อยู่บนเครื่องนี้"],
  tour1How: [
    "Solana's own virtual machine runs here, with our programs. This page asks the chain itself, not the market.",
    "เครื่องเสมือนของ Solana ทำงานที่นี่พร้อมโปรแกรมของเรา หน้านี้ถามบล็อกเชนโดยตรง ไม่ผ่านตลาด",
  ],
  tour2: ["Users register and get accounts on the chain", "ผู้ใช้ลงทะเบียนและได้บัญชีบนบล็อกเชน"],
  tour2How: [
    "Sign in with a wallet: the key is the account. Registering writes it to the chain, as register_user.",
    "เข้าสู่ระบบด้วยกระเป๋าเงิน กุญแจคือบัญชี การลงทะเบียนถูกเขียนลงบล็อกเชน ดู register_user ในหน้าสำรวจ",
  ],
  tour3: ["Meters sign what they measure", "มิเตอร์ลงนามสิ่งที่วัดได้"],
  tour3How: [
    "Each reading carries the meter's own signature. Every kilowatt-hour that is left over becomes an energy token.",
    "ทุกค่าที่อ่านมีลายเซ็นของมิเตอร์เอง ทุกกิโลวัตต์ชั่วโมงที่เหลือกลายเป็นหนึ่งโทเคนพลังงาน",
  ],
  tour4: ["Prosumers put sell orders on the chain", "ผู้ผลิตวางคำสั่งขายบนบล็อกเชน"],
  tour4How: [
    "The energy waits in escrow on the chain, signed by its owner, who may withdraw it until a buyer comes.",
    "พลังงานถูกวางเป็นหลักประกันบนบล็อกเชนโดยเจ้าของ และถอนคืนได้ทุกเมื่อจนกว่าจะมีผู้ซื้อ",
  ],
  tour5: ["Consumers look around and buy from neighbours", "ผู้ใช้ไฟเลือกซื้อจากเพื่อนบ้าน"],
  tour5How: [
    "Choose an offer and press “Buy now”, or name a price and wait. The order book moves live in every open browser.",
    "เลือกข้อเสนอแล้วกด “ซื้อเลย” หรือตั้งราคาแล้วรอ สมุดคำสั่งเคลื่อนไหวสดในทุกเบราว์เซอร์",
  ],
  tour6: ["Settlement happens by itself", "การชำระเกิดขึ้นเอง"],
  tour6How: [
    "At the end of the quarter hour energy and money change hands in one transaction. Watch the balances change.",
    "เมื่อสิ้นสุดรอบ 15 นาที พลังงานและเงินเปลี่ยนมือในธุรกรรมเดียว ดูยอดคงเหลือเปลี่ยน",
  ],
  tour7: ["Everything can be checked, and nothing rewritten", "ตรวจสอบได้ทุกอย่าง แก้ไขย้อนหลังไม่ได้"],
  tour7How: [
    "Every step has a signature. Open one: who, what, how much, in which block. Anybody may do so, for ever.",
    "ทุกขั้นตอนมีลายเซ็น เปิดดูได้ว่าใคร อะไร เท่าไร ในบล็อกใด ใครก็ตรวจได้ตลอดไป",
  ],
} as const;
