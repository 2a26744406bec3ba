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
                "On the gateway, run: sudo gtx-gateway claim. It prints a code that is good for 15 minutes.",
                "ที่เครื่องเกตเวย์ ให้รันคำสั่ง sudo gtx-gateway claim แล้วจะได้รหัสที่ใช้ได้ภายใน 15 นาที"),
            ["code"] = ("Code", "รหัสลงทะเบียน"),
            ["forgotten"] = ("PIN forgotten?", "ลืมรหัส PIN?"),
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
            ["pairing"] = ("Pairing", "การจับคู่อุปกรณ์"),
            ["pairingNot"] = (
                "Registering a new device at the cloud from this page is not part of this version. The owner registers "
                + "it with the cloud core; it then appears here by itself. Connected and not registered:",
                "รุ่นนี้ยังไม่สามารถลงทะเบียนอุปกรณ์ใหม่กับคลาวด์จากหน้านี้ เจ้าของต้องลงทะเบียนกับระบบคลาวด์ก่อน "
                + "แล้วอุปกรณ์จะปรากฏที่นี่เอง อุปกรณ์ที่เชื่อมต่ออยู่แต่ยังไม่ได้ลงทะเบียน:"),
            ["noneAsks"] = ("none", "ไม่มี"),
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
