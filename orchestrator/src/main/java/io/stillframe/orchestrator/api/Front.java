package io.stillframe.orchestrator.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.pathmap.UriTemplatePathSpec;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.util.URIUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets requests in, finds what they ask for, and has it done. */
final class Front extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(Front.class);
    private static final int MAX_BODY_BYTES = 64 * 1024;
    private static final int SECONDS_BETWEEN_BEATS = 1;
    private static final String JSON = "application/json";

    private final List<Route> routes;
    private final Map<Connector, Gate> gates = new ConcurrentHashMap<>();
    private final Set<EventStream> streams = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService pulse = Executors.newSingleThreadScheduledExecutor(Front::threadOfPulse);

    /** One that does not read keeps its own beat waiting, and no other. */
    private final ExecutorService beats = Executors.newCachedThreadPool(Front::threadOfPulse);

    private int going;
    private boolean ending;

    private record Route(Endpoint endpoint, UriTemplatePathSpec path) {}

    Front(List<Endpoint> endpoints, String version) {
        List<Endpoint> all = new ArrayList<>(endpoints);
        all.add(new Endpoint(
                Endpoint.Method.GET,
                "/v1/openapi.json",
                "This document.",
                List.of(),
                Optional.of(Object.class),
                (arguments, exchange) -> exchange.answer(200, OpenApi.of(all, version))));
        routes = all.stream()
                .map(endpoint -> new Route(endpoint, new UriTemplatePathSpec(endpoint.path())))
                .toList();
        var unused = pulse.scheduleWithFixedDelay(
                () -> streams.forEach(stream -> beats.execute(stream::beat)),
                SECONDS_BETWEEN_BEATS,
                SECONDS_BETWEEN_BEATS,
                TimeUnit.SECONDS);
    }

    private static Thread threadOfPulse(Runnable work) {
        Thread thread = new Thread(work, "api-pulse");
        thread.setDaemon(true);
        return thread;
    }

    /** From now on this connector is guarded; until then it lets nobody in. */
    void guard(Connector connector, Gate gate) {
        gates.put(connector, gate);
    }

    /** Takes nothing more on, and returns when all that goes on has ended. */
    void end() {
        synchronized (this) {
            ending = true;
            while (going > 0) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    break;
                }
            }
        }
        pulse.shutdown();
        beats.shutdown();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Conversation conversation = new Conversation(response);
        boolean begun = begin();
        try {
            if (!begun) {
                throw new ApiProblem(
                        503, "ENDING", "the daemon is about to end; nothing was touched", "ask again when it runs");
            }
            answer(request, conversation);
        } catch (ApiProblem problem) {
            conversation.tell(problem);
        } catch (IOException e) {
            LOG.debug("whoever asked is gone", e);
        } catch (RuntimeException | Error e) { // whatever it is, no answer at all would pass for a good one
            LOG.error("a request broke: {} {}", request.getMethod(), request.getHttpURI(), e);
            conversation.tell(new ApiProblem(
                    500, "BROKEN", "stillframe broke: " + e, "see the daemon's log; run 'stillframe reconcile'"));
        } finally {
            conversation.end(callback);
            if (begun) {
                done();
            }
        }
        return true;
    }

    private synchronized boolean begin() {
        if (!ending) {
            going++;
        }
        return !ending;
    }

    private synchronized void done() {
        going--;
        notifyAll();
    }

    private synchronized boolean isEnding() {
        return ending;
    }

    private void answer(Request request, Conversation conversation) throws IOException {
        admit(request);
        String path = Request.getPathInContext(request);
        Route route = route(request.getMethod(), path);
        Requests given =
                new Requests(route.endpoint()).path(inPath(route, path)).query(query(request));
        String body = body(request);
        if (!body.isEmpty()) {
            given.body(body);
        }
        // from here on it is not the client that is waited for
        request.addIdleTimeoutListener(timeout -> false);
        route.endpoint().work().answer(given.arguments(), conversation);
    }

    private void admit(Request request) {
        Gate.requireNoPage(request);
        Connector connector = request.getConnectionMetaData().getConnector();
        if (connector instanceof ServerConnector) {
            Optional.ofNullable(gates.get(connector))
                    .orElseThrow(() -> new ApiProblem(
                            503, "STARTING", "the daemon is about to begin; nothing was touched", "ask again"))
                    .require(request);
        }
    }

    private Route route(String method, String path) {
        List<Route> here =
                routes.stream().filter(route -> route.path().matches(path)).toList();
        if (here.isEmpty()) {
            throw new ApiProblem(
                    404,
                    "UNKNOWN_PATH",
                    "there is nothing at %s".formatted(path),
                    "see GET /v1/openapi.json for what can be asked");
        }
        return here.stream()
                .filter(route -> route.endpoint().method().name().equals(method))
                .findFirst()
                .orElseThrow(() -> new ApiProblem(
                        405,
                        "UNKNOWN_METHOD",
                        "%s is not to be had by %s; nothing was touched".formatted(path, method),
                        "there are: "
                                + here.stream()
                                        .map(route -> route.endpoint().name())
                                        .collect(Collectors.joining(", "))));
    }

    private static Map<String, String> inPath(Route route, String path) {
        Map<String, String> given = new LinkedHashMap<>();
        route.path().getPathParams(path).forEach((name, value) -> given.put(name, URIUtil.decodePath(value)));
        return given;
    }

    private static Map<String, List<String>> query(Request request) {
        Map<String, List<String>> given = new LinkedHashMap<>();
        try {
            for (Fields.Field field : Request.extractQueryParameters(request)) {
                given.put(field.getName(), field.getValues());
            }
        } catch (IllegalArgumentException e) {
            throw ApiProblem.badRequest("the query cannot be read: " + e.getMessage(), "encode it as a URI needs it");
        }
        return given;
    }

    private static String body(Request request) throws IOException {
        try (InputStream in = Content.Source.asInputStream(request)) {
            byte[] bytes = in.readNBytes(MAX_BODY_BYTES + 1);
            if (bytes.length > MAX_BODY_BYTES) {
                throw new ApiProblem(
                        413,
                        "TOO_LARGE",
                        "the body has more than %d bytes; nothing was touched".formatted(MAX_BODY_BYTES),
                        "ask for less at once");
            }
            String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
            if (bytes.length > 0
                    && (type == null || !type.split(";", 2)[0].strip().equalsIgnoreCase(JSON))) {
                throw new ApiProblem(
                        415,
                        "UNKNOWN_TYPE",
                        "the body is not %s; nothing was touched".formatted(JSON),
                        "send 'Content-Type: %s'".formatted(JSON));
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /** One request, on its way to one answer. */
    private final class Conversation implements Exchange {
        private final Response response;
        private OutputStream out;
        private EventStream stream;

        Conversation(Response response) {
            this.response = response;
        }

        @Override
        public void answer(int status, String json) throws IOException {
            write(status, JSON, json.endsWith("\n") ? json : json + "\n");
        }

        @Override
        public EventStream events() throws IOException {
            write(200, "text/event-stream", "");
            stream = new EventStream(out);
            streams.add(stream);
            stream.beat(); // the head of the answer goes out at once
            return stream;
        }

        @Override
        public boolean isEnding() {
            return Front.this.isEnding();
        }

        private void write(int status, String type, String text) throws IOException {
            response.setStatus(status);
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
            response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
            out = Content.Sink.asOutputStream(response);
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }

        void tell(ApiProblem problem) {
            try {
                if (stream != null) {
                    stream.send("problem", problem.document());
                } else if (!response.isCommitted()) {
                    if (problem.status() == 401) {
                        response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
                    }
                    answer(problem.status(), problem.json());
                }
            } catch (IOException e) {
                LOG.debug("whoever asked is gone", e);
            }
        }

        void end(Callback callback) {
            try {
                if (stream != null) {
                    streams.remove(stream);
                    stream.end();
                }
                if (out != null) {
                    out.close();
                }
                callback.succeeded();
            } catch (IOException e) {
                callback.failed(e);
            }
        }
    }
}
