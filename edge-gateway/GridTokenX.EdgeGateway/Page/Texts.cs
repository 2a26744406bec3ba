using System.Collections.Frozen;

namespace GridTokenX.EdgeGateway.Page;

internal enum Language
{
    None = 0,
    English,
    Thai,
}

/// <summary>The page's words. Alarms and logs are in English only: they are also read by people elsewhere.</summary>
internal sealed class Texts
{
    internal static readonly FrozenDictionary<string, (string English, string Thai)> All =
        new Dictionary<string, (string English, string Thai)>(StringComparer.Ordinal)
        {
            ["title"] = ("GridTokenX gateway", "เกตเวย์ GridTokenX"),
            ["signIn"] = ("Sign in", "เข้าสู่ระบบ"),
            ["signOut"] = ("Sign out", "ออกจากระบบ"),
            ["pin"] = ("PIN", "รหัส PIN"),
            ["newPin"] = ("New PIN (6 to 12 digits)", "รหัส PIN ใหม่ (ตัวเลข 6–12 หลัก)"),
            ["claim"] = ("Claim this gateway", "ลงทะเบียนเกตเวย์นี้"),
            ["claimHow"] = (
                "Type the owner's code (GTX-…) and choose a PIN for this page.",
                "ใส่รหัสของเจ้าของ (GTX-…) แล้วตั้งรหัส PIN สำหรับหน้านี้"),
            ["claimElse"] = (
                "No code at hand? On the gateway, sudo gtx-gateway claim prints one that sets the PIN alone.",
                "ไม่มีรหัส? ที่เครื่องเกตเวย์ คำสั่ง sudo gtx-gateway claim จะให้รหัสสำหรับตั้ง PIN อย่างเดียว"),
            ["code"] = ("Code", "รหัสลงทะเบียน"),
            ["forgotten"] = ("PIN forgotten?", "ลืมรหัส PIN?"),
            ["signInFirst"] = (
                "Sign in first, and enter the owner's code there: this gateway has a PIN and no owner yet.",
                "โปรดเข้าสู่ระบบก่อนแล้วใส่รหัสของเจ้าของ เกตเวย์นี้มี PIN แต่ยังไม่มีเจ้าของ"),
            ["wrongPin"] = ("That PIN is wrong.", "รหัส PIN ไม่ถูกต้อง"),
            ["locked"] = ("Too many wrong PINs. Try again later.", "ใส่รหัส PIN ผิดหลายครั้งเกินไป โปรดลองใหม่ภายหลัง"),
            ["wrongCode"] = ("That code is wrong.", "รหัสลงทะเบียนไม่ถูกต้อง"),
            ["noCode"] = (
                "There is no code, or it has been used. Make a new one.",
                "ไม่มีรหัส หรือรหัสถูกใช้ไปแล้ว โปรดสร้างรหัสใหม่"),
            ["expired"] = ("The code has expired. Make a new one.", "รหัสหมดอายุแล้ว โปรดสร้างรหัสใหม่"),
            ["unfitPin"] = ("The PIN must have 6 to 12 digits.", "รหัส PIN ต้องเป็นตัวเลข 6–12 หลัก"),
            ["notStored"] = ("The disk could not store it.", "บันทึกลงดิสก์ไม่สำเร็จ"),
            ["allWell"] = ("Everything works", "ทุกอย่างทำงานปกติ"),
            ["alarms"] = ("Alarms", "การแจ้งเตือน"),
            ["dismiss"] = ("Seen", "รับทราบ"),
            ["gateway"] = ("Gateway", "เกตเวย์"),
            ["backlog"] = ("Readings waiting for the cloud", "ค่าที่รอส่งขึ้นคลาวด์"),
            ["oldest"] = ("Oldest of them", "ค่าเก่าที่สุดที่รออยู่"),
            ["cloud"] = ("Cloud", "คลาวด์"),
            ["cloudBroker"] = ("Cloud's broker", "โบรกเกอร์ของคลาวด์"),
            ["homeBroker"] = ("Home's broker", "โบรกเกอร์ในบ้าน"),
            ["clock"] = ("Clock", "นาฬิกา"),
            ["clockSystem"] = ("synchronised", "ตรงกับเวลามาตรฐาน"),
            ["clockCloud"] = ("corrected by the cloud", "ปรับตามเวลาของคลาวด์"),
            ["clockNone"] = ("not synchronised", "ยังไม่ตรงกับเวลามาตรฐาน"),
            ["disk"] = ("Free disk", "พื้นที่ดิสก์ว่าง"),
            ["buffer"] = ("Buffer", "ที่พักข้อมูล"),
            ["temperature"] = ("Temperature", "อุณหภูมิ"),
            ["power"] = ("Power", "ไฟเลี้ยง"),
            ["mains"] = ("mains", "ไฟบ้าน"),
            ["onBattery"] = ("battery", "แบตเตอรี่"),
            ["connected"] = ("connected", "เชื่อมต่อแล้ว"),
            ["away"] = ("away", "ไม่ได้เชื่อมต่อ"),
            ["devices"] = ("Devices", "อุปกรณ์"),
            ["noDevices"] = ("No devices are paired here yet.", "ยังไม่มีอุปกรณ์ที่จับคู่ไว้"),
            ["meter"] = ("Meter", "มิเตอร์"),
            ["lastReading"] = ("Last reading", "ค่าล่าสุด"),
            ["produced"] = ("Produced", "ผลิตได้"),
            ["consumed"] = ("Consumed", "ใช้ไป"),
            ["battery"] = ("Battery", "แบตเตอรี่"),
            ["lock"] = ("Lock", "การล็อก"),
            ["online"] = ("online", "ออนไลน์"),
            ["offline"] = ("offline", "ออฟไลน์"),
            ["idle"] = ("idle", "ว่าง"),
            ["lockedState"] = ("locked", "ล็อกอยู่"),
            ["delivering"] = ("delivering", "กำลังส่งมอบ"),
            ["clockOff"] = ("clock wrong", "นาฬิกาไม่ตรง"),
            ["quarantine"] = ("Refused readings", "ค่าที่ถูกปฏิเสธ"),
            ["noQuarantine"] = ("The cloud has refused nothing.", "คลาวด์ไม่ได้ปฏิเสธค่าใด"),
            ["reason"] = ("Reason", "เหตุผล"),
            ["sequence"] = ("Number", "ลำดับ"),
            ["triedAgain"] = ("tried again by itself", "จะลองส่งใหม่เอง"),
            ["forGood"] = ("for good", "ปฏิเสธถาวร"),
            ["retryNow"] = ("Try again now", "ลองส่งใหม่ทันที"),
            ["pairing"] = ("Pairing", "การจับคู่"),
            ["noneAsks"] = (
                "No new device asks. Switch the meter's device on: it appears here within a minute.",
                "ยังไม่มีอุปกรณ์ใหม่ขอจับคู่ เปิดเครื่องอุปกรณ์ที่มิเตอร์ แล้วอุปกรณ์จะปรากฏที่นี่ภายในหนึ่งนาที"),
            ["ownerAndPairing"] = ("Owner and pairing", "เจ้าของและการจับคู่"),
            ["owner"] = ("Owner", "เจ้าของ"),
            ["ownerNone"] = ("not claimed yet", "ยังไม่มีเจ้าของ"),
            ["home"] = ("Name", "ชื่อ"),
            ["zone"] = ("Grid zone", "เขตโครงข่าย"),
            ["pairingIsOpen"] = ("open", "เปิดรับอุปกรณ์"),
            ["pairingIsClosed"] = ("closed", "ปิดรับอุปกรณ์"),
            ["minutes"] = ("min", "นาที"),
            ["askingDevices"] = ("New devices that ask", "อุปกรณ์ใหม่ที่ขอจับคู่"),
            ["underWay"] = ("Pairings under way", "กำลังจับคู่อยู่"),
            ["claimNow"] = ("Claim for the owner", "ลงทะเบียนให้เจ้าของ"),
            ["pairNow"] = ("Pair meters", "จับคู่มิเตอร์"),
            ["openPairing"] = ("Open pairing", "เปิดรับอุปกรณ์"),
            ["back"] = ("Overview", "หน้าหลัก"),
            ["brokerAway"] = (
                "The home's broker does not answer: no device can be heard.",
                "โบรกเกอร์ในบ้านไม่ตอบสนอง จึงยังติดต่ออุปกรณ์ไม่ได้"),
            ["ownerCode"] = ("The owner's code", "รหัสของเจ้าของ"),
            ["codeHow"] = (
                "The owner makes a code at the cloud and reads it to you. It is good for 15 minutes and once, and lets "
                + "this gateway register meters for an hour.",
                "เจ้าของสร้างรหัสที่ระบบคลาวด์แล้วแจ้งให้คุณ รหัสใช้ได้ครั้งเดียวภายใน 15 นาที "
                + "และให้เกตเวย์นี้ลงทะเบียนมิเตอร์ได้หนึ่งชั่วโมง"),
            ["asking"] = ("Asking the cloud about the code …", "กำลังตรวจสอบรหัสกับคลาวด์ …"),
            ["askingLong"] = (
                "It is kept and asked again while the cloud is away. You can leave this page open.",
                "หากติดต่อคลาวด์ไม่ได้ ระบบจะเก็บรหัสไว้และลองใหม่เอง เปิดหน้านี้ทิ้งไว้ได้"),
            ["meterNumber"] = ("The meter's number", "หมายเลขมิเตอร์"),
            ["meterNumberMissing"] = (
                "The meter's number has 1 to 32 letters, digits, - _ or a dot.",
                "หมายเลขมิเตอร์ต้องเป็นตัวอักษรอังกฤษ ตัวเลข - _ หรือจุด 1–32 ตัว"),
            ["replaces"] = ("Takes the place of", "ใช้แทนอุปกรณ์ของมิเตอร์"),
            ["replacesNone"] = ("nothing: it is a new meter", "ไม่ใช่ เป็นมิเตอร์ใหม่"),
            ["begin"] = ("Pair", "จับคู่"),
            ["stageButton"] = ("Button", "กดปุ่ม"),
            ["stageCloud"] = ("Cloud", "คลาวด์"),
            ["stageCompare"] = ("Compare", "เทียบรหัส"),
            ["stagePress"] = ("Press again", "กดอีกครั้ง"),
            ["doPress"] = (
                "Press the button on the device, shortly.",
                "กดปุ่มที่อุปกรณ์สั้น ๆ หนึ่งครั้ง"),
            ["hintPress"] = (
                "Its light then blinks evenly, half a second on and half a second off. "
                + "It agrees to belong to the owner.",
                "ไฟของอุปกรณ์จะกะพริบสม่ำเสมอทุกครึ่งวินาที แสดงว่าอุปกรณ์ยินยอมเป็นของเจ้าของ"),
            ["doCloud"] = ("The cloud registers the meter …", "คลาวด์กำลังลงทะเบียนมิเตอร์ …"),
            ["doCompare"] = (
                "Compare this code with the one that the device shows.",
                "เทียบรหัสนี้กับรหัสที่อุปกรณ์แสดง"),
            ["hintCompare"] = (
                "All twelve characters must be the same. The serial port shows them; "
                + "the light flashes the check digit. "
                + "The owner sees the code at the cloud too: it must be the same there.",
                "ต้องตรงกันทั้ง 12 ตัว ดูรหัสได้ที่พอร์ตอนุกรม ส่วนไฟจะกะพริบตามเลขตรวจสอบ "
                + "เจ้าของเห็นรหัสในระบบคลาวด์ด้วย และต้องตรงกัน"),
            ["checkDigit"] = ("Check digit: long flashes", "เลขตรวจสอบ: จำนวนครั้งที่ไฟกะพริบยาว"),
            ["areSame"] = ("They are the same", "ตรงกัน"),
            ["areDifferent"] = ("They differ: stop", "ไม่ตรงกัน: หยุด"),
            ["doPressAgain"] = (
                "Now press the button on the device once more.",
                "กดปุ่มที่อุปกรณ์อีกหนึ่งครั้ง"),
            ["waitsForDevice"] = (
                "The cloud waits for the device's answer under its new key …",
                "คลาวด์กำลังรอคำตอบจากอุปกรณ์ด้วยกุญแจใหม่ …"),
            ["isPaired"] = (
                "Paired. The device has answered the cloud.",
                "จับคู่แล้ว อุปกรณ์ตอบคลาวด์เรียบร้อย"),
            ["done"] = ("Done", "เสร็จสิ้น"),
            ["cancel"] = ("Cancel", "ยกเลิก"),
            ["tryAgain"] = ("Try again", "ลองใหม่"),
            ["pairAgain"] = ("Pair again", "จับคู่ใหม่"),
            ["pairAgainHow"] = (
                "For a registered meter whose device was not paired to the end.",
                "สำหรับมิเตอร์ที่ลงทะเบียนแล้วแต่ยังจับคู่อุปกรณ์ไม่เสร็จ"),
            ["deviceGone"] = ("That device does not ask any more.", "อุปกรณ์นี้ไม่ได้ขอจับคู่แล้ว"),
            ["tooManyPairings"] = (
                "Too many pairings are under way: finish some first.",
                "มีการจับคู่ค้างอยู่มากเกินไป โปรดทำให้เสร็จก่อน"),
            ["faultUnknownClaim"] = ("The cloud does not know that code.", "คลาวด์ไม่รู้จักรหัสนี้"),
            ["faultClaimExpired"] = (
                "That code has expired: the owner makes a new one.",
                "รหัสหมดอายุแล้ว ให้เจ้าของสร้างรหัสใหม่"),
            ["faultClaimUsed"] = (
                "That code has been used: the owner makes a new one.",
                "รหัสถูกใช้ไปแล้ว ให้เจ้าของสร้างรหัสใหม่"),
            ["faultGatewayClaimed"] = (
                "This gateway belongs to somebody else, who must release it first.",
                "เกตเวย์นี้เป็นของผู้อื่น เจ้าของเดิมต้องปลดก่อน"),
            ["faultTooManyAttempts"] = (
                "Too many wrong codes: wait a quarter of an hour.",
                "ใส่รหัสผิดหลายครั้งเกินไป โปรดรอ 15 นาที"),
            ["faultPairingClosed"] = (
                "Pairing is closed: enter a new code of the owner's.",
                "ปิดรับอุปกรณ์แล้ว โปรดใส่รหัสใหม่ของเจ้าของ"),
            ["faultMeterRegistered"] = (
                "A meter with that number is registered already, with another device or owner.",
                "มีมิเตอร์หมายเลขนี้ลงทะเบียนกับอุปกรณ์หรือเจ้าของอื่นแล้ว"),
            ["faultMeterRevoked"] = ("That meter is out of service.", "มิเตอร์นี้เลิกใช้งานแล้ว"),
            ["faultDeviceRegistered"] = (
                "This device was at another meter: reset it first (button for ten seconds).",
                "อุปกรณ์นี้เคยใช้กับมิเตอร์อื่น ต้องล้างค่าก่อน (กดปุ่มค้าง 10 วินาที)"),
            ["faultTooMany"] = ("The owner has too many of them.", "เจ้าของมีจำนวนเกินกำหนดแล้ว"),
            ["faultOther"] = ("The cloud has refused it.", "คลาวด์ปฏิเสธคำขอ"),
            ["bundle"] = ("Download a support bundle", "ดาวน์โหลดข้อมูลสำหรับฝ่ายสนับสนุน"),
            ["bundleWhat"] = (
                "State and settings of this gateway, without keys and passwords.",
                "สถานะและการตั้งค่าของเกตเวย์ โดยไม่มีกุญแจและรหัสผ่าน"),
            ["key"] = ("Key", "กุญแจสาธารณะ"),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly Language _language;

    internal Texts(Language language) => _language = language;

    internal string Code => _language == Language.Thai ? "th" : "en";

    internal string this[string key] => _language == Language.Thai ? All[key].Thai : All[key].English;

    /// <summary>The visitor's choice, or else what the browser likes best of the two.</summary>
    internal static Texts For(HttpRequest request)
    {
        var choice = request.Cookies["lang"];
        if (choice is not ("th" or "en"))
        {
            var wishes = request.Headers.AcceptLanguage.ToString();
            var thai = wishes.IndexOf("th", StringComparison.OrdinalIgnoreCase);
            var english = wishes.IndexOf("en", StringComparison.OrdinalIgnoreCase);
            choice = thai >= 0 && (english < 0 || thai < english) ? "th" : "en";
        }

        return new Texts(choice == "th" ? Language.Thai : Language.English);
    }
}
