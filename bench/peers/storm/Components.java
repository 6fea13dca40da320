// The same spouts and bolts as bench/components, written for Storm. They count where the work ends: in the sink and in Spout.ack().
package sparse.bench;

import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import org.apache.storm.spout.SpoutOutputCollector;
import org.apache.storm.task.OutputCollector;
import org.apache.storm.task.ShellBolt;
import org.apache.storm.task.TopologyContext;
import org.apache.storm.topology.BasicOutputCollector;
import org.apache.storm.topology.IRichBolt;
import org.apache.storm.topology.OutputFieldsDeclarer;
import org.apache.storm.topology.base.BaseBasicBolt;
import org.apache.storm.topology.base.BaseRichBolt;
import org.apache.storm.topology.base.BaseRichSpout;
import org.apache.storm.tuple.Fields;
import org.apache.storm.tuple.Tuple;
import org.apache.storm.tuple.Values;

final class Components {
  private Components() {}

  static List<String> lines = new ArrayList<>();

  /** One slot a task, a cache line apart; written by one thread, read by another. */
  static final class Counter {
    private static final int SLOTS = 256, APART = 16;
    private final AtomicLongArray counts = new AtomicLongArray(SLOTS * APART);
    private final AtomicInteger tasks = new AtomicInteger();

    int slot() { return tasks.getAndIncrement() % SLOTS * APART; }
    void set(int slot, long count) { counts.lazySet(slot, count); }
    long sum() {
      long sum = 0;
      for (int i = 0; i < SLOTS; i++) sum += counts.get(i * APART);
      return sum;
    }
  }

  static final Counter sink = new Counter(), acks = new Counter(), failures = new Counter();

  /** Lines without the blank ones, trimmed, so that every language's split finds the same words. */
  static void load(String path) throws Exception {
    for (String line : Files.readAllLines(Paths.get(path))) if (!line.isBlank()) lines.add(line.trim());
  }

  abstract static class CountingSpout extends BaseRichSpout {
    SpoutOutputCollector out;
    long id, acked;
    boolean tracked;
    private int slot, failedSlot;
    private long failed;

    @Override public void open(Map<String, Object> config, TopologyContext context, SpoutOutputCollector collector) {
      out = collector;
      slot = acks.slot();
      failedSlot = failures.slot();
      tracked = ((Number) config.get("topology.acker.executors")).intValue() != 0;
    }
    @Override public void ack(Object message) { acks.set(slot, ++acked); }
    @Override public void fail(Object message) { failures.set(failedSlot, ++failed); }
    @Override public void declareOutputFields(OutputFieldsDeclarer declarer) { declarer.declare(new Fields("value")); }
    void send(String value) {
      if (tracked) out.emit(new Values(value), id++);
      else out.emit(new Values(value));
    }
  }

  static final class ConstSpout extends CountingSpout {
    @Override public void nextTuple() { send("some data"); }
  }

  static final class LinesSpout extends CountingSpout {
    private int at;

    @Override public void nextTuple() {
      if (at == lines.size()) at = 0;
      send(lines.get(at++));
    }
  }

  /** One tuple, then nothing. */
  static final class QuietSpout extends CountingSpout {
    private boolean sent;

    @Override public void nextTuple() {
      if (sent) return;
      sent = true;
      send("some data");
    }
  }

  /** Lines by the clock; the message id is the time at which the line was due, so that waiting in the spout counts. */
  static final class PacedSpout extends CountingSpout {
    private final double interval;
    private long start, sent;

    PacedSpout(double rate) { interval = 1e9 / rate; }
    @Override public void nextTuple() {
      long now = System.nanoTime();
      if (start == 0) start = now;
      long due = start + (long) (sent * interval);
      if (now < due) return;
      out.emit(new Values(lines.get((int) (sent++ % lines.size()))), due);
    }
    @Override public void ack(Object message) {
      super.ack(message);
      latencies.add((System.nanoTime() - (Long) message) / 1000);
    }
  }

  /** Microseconds, each counted; written by the only task of PacedSpout. */
  static final class Latencies {
    private final int[] counts = new int[8_000_000];
    private long total;
    volatile boolean record;

    void add(long microseconds) {
      if (!record) return;
      ++counts[(int) Math.min(microseconds, counts.length - 1)];
      ++total;
    }
    int at(double quantile) {
      long seen = 0;
      for (int i = 0; i < counts.length; i++) if ((seen += counts[i]) > quantile * total) return i;
      return 0;
    }
  }

  static final Latencies latencies = new Latencies();

  /** Waits a millisecond for each tuple. */
  static final class SlowBolt extends BaseBasicBolt {
    @Override public void execute(Tuple tuple, BasicOutputCollector out) {
      try {
        Thread.sleep(1);
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
      }
      out.emit(new Values(tuple.getValue(0)));
    }
    @Override public void declareOutputFields(OutputFieldsDeclarer declarer) { declarer.declare(new Fields("value")); }
  }

  static final class NullBolt extends BaseRichBolt {
    private OutputCollector out;
    private long count;
    private int slot;

    @Override public void prepare(Map<String, Object> config, TopologyContext context, OutputCollector collector) {
      out = collector;
      slot = sink.slot();
    }
    @Override public void execute(Tuple tuple) {
      out.ack(tuple);
      sink.set(slot, ++count);
    }
    @Override public void declareOutputFields(OutputFieldsDeclarer declarer) {}
  }

  static final class IdBolt extends BaseRichBolt {
    private OutputCollector out;

    @Override public void prepare(Map<String, Object> config, TopologyContext context, OutputCollector collector) { out = collector; }
    @Override public void execute(Tuple tuple) {
      out.emit(tuple, new Values(tuple.getValue(0)));
      out.ack(tuple);
    }
    @Override public void declareOutputFields(OutputFieldsDeclarer declarer) { declarer.declare(new Fields("value")); }
  }

  static final class SplitBolt extends BaseBasicBolt {
    @Override public void execute(Tuple tuple, BasicOutputCollector out) {
      for (String word : tuple.getString(0).split("\\s+")) out.emit(new Values(word));
    }
    @Override public void declareOutputFields(OutputFieldsDeclarer declarer) { declarer.declare(new Fields("word")); }
  }

  static final class CountBolt extends BaseBasicBolt {
    private HashMap<String, Integer> counts;
    private long count;
    private int slot;

    @Override public void prepare(Map<String, Object> config, TopologyContext context) {
      counts = new HashMap<>();
      slot = sink.slot();
    }
    @Override public void execute(Tuple tuple, BasicOutputCollector out) {
      String word = tuple.getString(0);
      out.emit(new Values(word, counts.merge(word, 1, Integer::sum)));
      sink.set(slot, ++count);
    }
    @Override public void declareOutputFields(OutputFieldsDeclarer declarer) { declarer.declare(new Fields("word", "count")); }
  }

  /** Storm's own Python library with split.py. */
  static final class PythonSplitBolt extends ShellBolt implements IRichBolt {
    PythonSplitBolt() { super(System.getProperty("python"), System.getProperty("split")); }
    @Override public void declareOutputFields(OutputFieldsDeclarer declarer) { declarer.declare(new Fields("word")); }
    @Override public Map<String, Object> getComponentConfiguration() { return null; }
  }
}
