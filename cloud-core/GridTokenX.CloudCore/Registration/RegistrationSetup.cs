namespace GridTokenX.CloudCore.Registration;

internal static class RegistrationSetup
{
    internal static void AddRegistration(this IServiceCollection services, IConfiguration configuration)
    {
    }

    internal static void MapRegistration(this IEndpointRouteBuilder routes)
    {
    }
}
