await WebApplication.CreateBuilder(args).Build().RunAsync();
