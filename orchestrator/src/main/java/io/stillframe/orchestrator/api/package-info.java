/**
 * HTTP and JSON, by Jetty: who may ask, in which form, and how large and how many requests may be. What is asked and answered
 * is said by {@link io.stillframe.orchestrator.api.Endpoint}s, which others make; the OpenAPI document is made of the same.
 */
package io.stillframe.orchestrator.api;
