// A device's consent to be registered, version 1: 112 canonical bytes under the device's Ed25519 signature, so that
// nobody can register a device that does not agree.
//
//   0             16                48                80
//   | domain (16) | device key (32) | owner's wallet  | gateway key (32) |

namespace GridTokenX.Protocol.Wire
{
    public static class RegistrationBytes
    {
        public const string Domain = "GTX/register/v1";
        public const int Length = 112;

        public static void Write(byte[] buffer, byte[] device, byte[] ownerWallet, byte[] gateway)
        {
            DomainTag.Write(buffer, Domain);
            System.Array.Copy(device, 0, buffer, 16, 32);
            System.Array.Copy(ownerWallet, 0, buffer, 48, 32);
            System.Array.Copy(gateway, 0, buffer, 80, 32);
        }
    }
}
