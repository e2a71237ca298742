package io.stillframe.storage.lvm;

import io.stillframe.storage.exec.CommandException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads {@code lvs --reportformat json}. */
final class LvsReport {
    static final List<String> FIELDS = List.of(
            "vg_name",
            "vg_uuid",
            "vg_free",
            "vg_extent_size",
            "vg_shared",
            "vg_clustered",
            "vg_exported",
            "vg_partial",
            "lv_name",
            "lv_uuid",
            "lv_path",
            "lv_dm_path",
            "lv_size",
            "origin_size",
            "lv_layout",
            "lv_role",
            "lv_active",
            "lv_permissions",
            "lv_device_open",
            "lv_merging",
            "lv_merge_failed",
            "lv_snapshot_invalid",
            "lv_health_status",
            "lv_kernel_major",
            "lv_kernel_minor",
            "lv_tags",
            "origin",
            "pool_lv",
            "transaction_id",
            "thin_id",
            "data_percent",
            "metadata_percent",
            "lv_metadata_size",
            "chunk_size");

    private static final JsonMapper JSON = new JsonMapper();

    private LvsReport() {}

    /**
     * All volumes of a report, each once: {@code chunk_size} is a segment's field, so that a volume of several segments
     * has several rows.
     *
     * @throws CommandException when it is not such a report
     */
    static List<LogicalVolume> parse(String json) {
        try {
            List<LogicalVolume> volumes = new ArrayList<>();
            Set<String> seen = new HashSet<>();
            for (JsonNode part : JSON.readTree(json).required("report")) {
                for (JsonNode row : part.required("lv")) {
                    LogicalVolume volume = new LogicalVolume(fields(row));
                    if (seen.add(volume.uuid())) {
                        volumes.add(volume);
                    }
                }
            }
            return volumes;
        } catch (JacksonException e) {
            throw new CommandException("lvs printed something else than its report", e);
        }
    }

    private static Map<String, String> fields(JsonNode row) {
        Map<String, String> fields = new HashMap<>();
        FIELDS.forEach(field -> fields.put(field, row.required(field).asString()));
        return fields;
    }
}
