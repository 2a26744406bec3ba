// libmosquitto (Debian libmosquitto1, 2.0.11): the few functions used, under the C library's own names.
// https://mosquitto.org/api/files/mosquitto-h.html

using System.Runtime.InteropServices;

namespace GridTokenX.Mqtt.Interop;

internal static unsafe partial class Mosquitto
{
    internal const int Success = 0;
    internal const int ErrorConnectionLost = 7;
    internal const int ErrorErrno = 14;

    /// <summary>Makes the host the path of a socket.</summary>
    internal const int PortOfLocalSocket = 0;

    internal const int OptionSendMaximum = 5;
    internal const int OptionTcpNoDelay = 11;

    internal const int LogWarning = 4;
    internal const int LogError = 8;

    internal const int GrantedNothing = 0x80;

    private const string Library = "libmosquitto.so.1";

    // A static constructor, so that mosquitto_lib_init, which is not thread-safe, has run once before any other call.
    static Mosquitto()
    {
        Initialised = mosquitto_lib_init();
    }

    internal static int Initialised { get; }

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial IntPtr mosquitto_new(
        string id, [MarshalAs(UnmanagedType.U1)] bool cleanSession, IntPtr userData);

    [LibraryImport(Library)]
    internal static partial void mosquitto_destroy(IntPtr client);

    [LibraryImport(Library)]
    internal static partial int mosquitto_int_option(IntPtr client, int option, int value);

    /// <summary>
    /// True: packets are only queued by publish and subscribe, and written by <see cref="mosquitto_loop_write"/>.
    /// </summary>
    [LibraryImport(Library)]
    internal static partial int mosquitto_threaded_set(IntPtr client, [MarshalAs(UnmanagedType.U1)] bool threaded);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int mosquitto_username_pw_set(IntPtr client, string? userName, string? password);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int mosquitto_tls_set(
        IntPtr client,
        string authorityFile,
        string? authorityPath,
        string? certificateFile,
        string? keyFile,
        IntPtr callback);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int mosquitto_will_set(
        IntPtr client,
        string topic,
        int payloadLength,
        ReadOnlySpan<byte> payload,
        int qos,
        [MarshalAs(UnmanagedType.U1)] bool retain);

    /// <summary>Looks the host up (blocking), begins a non-blocking connect and queues CONNECT.</summary>
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int mosquitto_connect_async(IntPtr client, string host, int port, int keepAliveSeconds);

    [LibraryImport(Library)]
    internal static partial int mosquitto_disconnect(IntPtr client);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int mosquitto_subscribe(IntPtr client, out int messageId, string filter, int qos);

    /// <summary>Copies topic and payload.</summary>
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int mosquitto_publish(
        IntPtr client,
        out int messageId,
        string topic,
        int payloadLength,
        ReadOnlySpan<byte> payload,
        int qos,
        [MarshalAs(UnmanagedType.U1)] bool retain);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int mosquitto_loop_read(IntPtr client, int unused);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int mosquitto_loop_write(IntPtr client, int unused);

    /// <summary>Pings when it is time to; closes the socket when the broker has been silent for too long.</summary>
    [LibraryImport(Library)]
    internal static partial int mosquitto_loop_misc(IntPtr client);

    /// <summary>-1 when there is no connection.</summary>
    [LibraryImport(Library)]
    internal static partial int mosquitto_socket(IntPtr client);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool mosquitto_want_write(IntPtr client);

    [LibraryImport(Library)]
    internal static partial void mosquitto_connect_callback_set(
        IntPtr client, delegate* unmanaged[Cdecl]<IntPtr, IntPtr, int, void> callback);

    [LibraryImport(Library)]
    internal static partial void mosquitto_publish_callback_set(
        IntPtr client, delegate* unmanaged[Cdecl]<IntPtr, IntPtr, int, void> callback);

    [LibraryImport(Library)]
    internal static partial void mosquitto_message_callback_set(
        IntPtr client, delegate* unmanaged[Cdecl]<IntPtr, IntPtr, NativeMessage*, void> callback);

    [LibraryImport(Library)]
    internal static partial void mosquitto_subscribe_callback_set(
        IntPtr client, delegate* unmanaged[Cdecl]<IntPtr, IntPtr, int, int, int*, void> callback);

    [LibraryImport(Library)]
    internal static partial void mosquitto_log_callback_set(
        IntPtr client, delegate* unmanaged[Cdecl]<IntPtr, IntPtr, int, byte*, void> callback);

    internal static string Describe(int error) =>
        error == ErrorErrno
            ? Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())
            : Marshal.PtrToStringUTF8(mosquitto_strerror(error)) ?? $"error {error}";

    /// <param name="reasonCode">Of a CONNACK.</param>
    internal static string DescribeRefusal(int reasonCode) =>
        Marshal.PtrToStringUTF8(mosquitto_connack_string(reasonCode)) ?? $"reason {reasonCode}";

    [LibraryImport(Library)]
    private static partial int mosquitto_lib_init();

    [LibraryImport(Library)]
    private static partial IntPtr mosquitto_strerror(int error);

    [LibraryImport(Library)]
    private static partial IntPtr mosquitto_connack_string(int reasonCode);

    /// <summary>struct mosquitto_message.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct NativeMessage
    {
        internal int MessageId;
        internal IntPtr Topic;
        internal IntPtr Payload;
        internal int PayloadLength;
        internal int Qos;
        internal byte Retain;
    }
}
