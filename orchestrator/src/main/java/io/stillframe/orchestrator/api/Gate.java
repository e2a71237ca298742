package io.stillframe.orchestrator.api;

import java.util.List;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/**
 * Who is let in. Whoever reaches the socket is the state directory's owner. At the loopback interface the token is asked
 * for; and that the request names this server as its host, so that no page of another name that was made to lead here
 * (DNS rebinding) can ask through a browser. Nothing that comes from a page is let in at all.
 */
record Gate(int port, Token token) {
    static void requireNoPage(Request request) {
        String origin = request.getHeaders().get(HttpHeader.ORIGIN);
        if (origin != null) {
            throw new ApiProblem(
                    403,
                    "FORBIDDEN",
                    "a page (of %s) may not ask; nothing was touched".formatted(origin),
                    "ask with a program that sends no Origin");
        }
    }

    void require(Request request) {
        String host = request.getHeaders().get(HttpHeader.HOST);
        if (host == null || !hosts().contains(host)) {
            throw new ApiProblem(
                    403,
                    "FORBIDDEN",
                    "this is not the host '%s'; nothing was touched".formatted(host),
                    "ask for http://127.0.0.1:%d".formatted(port));
        }
        if (!token.isIn(request.getHeaders().get(HttpHeader.AUTHORIZATION))) {
            throw new ApiProblem(
                    401,
                    "UNAUTHORIZED",
                    "the token is missing or wrong; nothing was touched",
                    "send 'Authorization: Bearer TOKEN' with what api.token in the state directory holds");
        }
    }

    private List<String> hosts() {
        return List.of("127.0.0.1:" + port, "localhost:" + port);
    }
}
