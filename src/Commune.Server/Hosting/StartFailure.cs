using System.Net.Sockets;
using Commune.Storage;
using Microsoft.AspNetCore.Connections;

namespace Commune.Server.Hosting;

/// <summary>Puts what can go wrong at start into one line that tells the operator what to do.</summary>
internal static class StartFailure
{
    /// <summary>Null for what is a defect of ours and deserves its stack trace.</summary>
    public static string? Explain(Exception error) => error switch
    {
        SettingException or StoreStartException => error.Message,
        IOException { InnerException: AddressInUseException } =>
            $"{FirstSentence(error.Message)} Stop the program that uses the port, or choose another with --urls or Commune__Smtp__Listen.",
        SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse or SocketError.AccessDenied or SocketError.AddressNotAvailable } =>
            $"A listener cannot start: {error.Message}. Choose another address with --urls or Commune__Smtp__Listen.",
        AddressInUseException => $"A port is in use: {error.Message}",
        UnauthorizedAccessException => $"{error.Message} Give this user the right to write there, or set Commune__DataDirectory to another directory.",
        _ => null,
    };

    private static string FirstSentence(string text) => text.TrimEnd('.') + ".";
}
