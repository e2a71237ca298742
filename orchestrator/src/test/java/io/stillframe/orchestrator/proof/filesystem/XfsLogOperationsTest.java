package io.stillframe.orchestrator.proof.filesystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillframe.orchestrator.proof.image.Bytes;
import io.stillframe.orchestrator.proof.image.Unreadable;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records written by hand, of machines of every kind. */
class XfsLogOperationsTest {
    private static final int START = 1;
    private static final int COMMIT = 2;
    private static final int UNMOUNT = 0x20;

    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private ByteOrder order = ByteOrder.LITTLE_ENDIAN;
    private int count;

    @Test
    void a_change_of_an_inode_tells_its_place() {
        operation(7, START, new byte[0]);
        operation(7, 0, head());
        operation(7, 0, inode(56, 2));
        operation(7, 0, new byte[176]);
        operation(7, COMMIT, new byte[0]);
        assertThat(read().other()).isEmpty();
        assertThat(read().inodes()).containsExactly(new XfsInodeItem(131, 0x80, 0x600));
    }

    @Test
    void a_32_bit_machine_leaves_no_gap() {
        operation(7, 0, inode(52, 1));
        assertThat(read().inodes()).containsExactly(new XfsInodeItem(131, 0x80, 0x600));
    }

    @Test
    void a_machine_of_the_other_byte_order_is_understood() {
        order = ByteOrder.BIG_ENDIAN;
        operation(7, 0, head());
        operation(7, 0, inode(56, 1));
        assertThat(read().inodes()).containsExactly(new XfsInodeItem(131, 0x80, 0x600));
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 8, 0x10})
    void a_region_that_is_not_whole_is_of_a_transaction_over_several_records(int flag) {
        operation(7, flag, inode(56, 2));
        assertSplit();
    }

    @Test
    void an_item_that_lacks_regions_at_the_end_goes_on_in_another_record() {
        operation(7, 0, inode(56, 3));
        operation(7, 0, new byte[176]);
        assertSplit();
    }

    @Test
    void an_item_that_lacks_regions_when_another_transaction_goes_on_is_not_whole() {
        operation(7, 0, inode(56, 2));
        operation(8, 0, new byte[176]);
        assertSplit();
    }

    @ParameterizedTest
    @ValueSource(ints = {START, COMMIT, UNMOUNT})
    void an_item_that_lacks_regions_when_its_transaction_ends_is_not_whole(int flag) {
        operation(7, 0, inode(56, 2));
        operation(7, flag, new byte[0]);
        assertSplit();
    }

    @Test
    void anything_else_is_named() {
        operation(7, 0, new byte[] {0x36, 0x12, 1, 0, 0, 0, 0, 0});
        assertThat(read().other()).contains("an item of type 0x1236");
    }

    @Test
    void a_change_of_an_inode_of_no_known_length_is_something_else() {
        operation(7, 0, inode(60, 1));
        assertThat(read().other()).contains("an item of type 0x123b");
        assertThat(read().inodes()).isEmpty();
    }

    @Test
    void an_item_of_no_regions_is_none() {
        operation(7, 0, inode(56, 0));
        assertThat(read().other()).contains("an item of type 0x123b");
    }

    @Test
    void an_unmount_is_seen() {
        operation(7, UNMOUNT, new byte[8]);
        assertThat(read().unmounts()).isTrue();
    }

    @Test
    void what_is_shorter_than_it_says_is_unreadable() {
        operation(7, 0, inode(56, 1));
        count = 2;
        assertThatThrownBy(this::read).isInstanceOf(Unreadable.class);
        count = Integer.MAX_VALUE;
        assertThatThrownBy(this::read).isInstanceOf(Unreadable.class);
    }

    private void assertSplit() {
        assertThat(read().other()).contains("a transaction over several records");
    }

    private XfsLogOperations read() {
        return XfsLogOperations.of(Bytes.of(body.toByteArray()), order == ByteOrder.LITTLE_ENDIAN ? 1 : 2, count);
    }

    private void operation(int transaction, int flags, byte[] region) {
        ByteBuffer header = ByteBuffer.allocate(12).putInt(transaction).putInt(region.length);
        body.writeBytes(header.put((byte) 0x69).put((byte) flags).array());
        body.writeBytes(region);
        count++;
    }

    private byte[] head() {
        return ByteBuffer.allocate(16).order(order).putInt(0x5452414e).array();
    }

    private byte[] inode(int length, int regions) {
        ByteBuffer item = ByteBuffer.allocate(length).order(order);
        item.putShort((short) 0x123b).putShort((short) regions).putInt(1);
        int at = length == 52 ? 12 : 16;
        return item.putLong(at, 131)
                .putLong(at + 24, 0x80)
                .putInt(at + 32, 32)
                .putInt(at + 36, 0x600)
                .array();
    }
}
