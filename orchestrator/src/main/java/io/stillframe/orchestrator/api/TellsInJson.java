package io.stillframe.orchestrator.api;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** What the server itself refuses, before any of the endpoints sees it, is told in the form that they have. */
final class TellsInJson implements Request.Handler {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Object status = request.getAttribute(ErrorHandler.ERROR_STATUS);
        int code = status instanceof Integer known ? known : response.getStatus();
        ApiProblem problem = new ApiProblem(
                code,
                code < 500 ? "BAD_REQUEST" : "BROKEN",
                "%s; nothing was touched".formatted(HttpStatus.getMessage(code).toLowerCase(Locale.ROOT)),
                "see GET /v1/openapi.json for what can be asked");
        response.setStatus(code);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        response.write(true, ByteBuffer.wrap(problem.json().getBytes(StandardCharsets.UTF_8)), callback);
        return true;
    }
}
