// Throughput of Apache Storm in one JVM (LocalCluster): warms up, measures once, prints one JSON object on stdout.
// StormBench NAME=VALUE…   topology  const-null | const-id-null | wordcount | python-storm | latency | idle | slow-bolt
//                                    kafka-in | kafka-wordcount | kafka-python-wordcount
//                          brokers, from, group, to   (kafka-…: where it reads, and the topic that it writes)
//                          text      the file of lines, where there are lines      rate (latency: lines a second)
//                          ackers 0 | 1…   tasks (of each component)   batch   queue   pending (0: no limit)   spin 0 | 1 (bolts)
//                          park (microseconds that a spout waits; 0: Storm's progressive waiting)
//                          warm, seconds
package sparse.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.storm.Config;
import org.apache.storm.LocalCluster;
import org.apache.storm.generated.StormTopology;
import org.apache.storm.topology.TopologyBuilder;
import org.apache.storm.tuple.Fields;

public final class StormBench {
  private StormBench() {}

  private static final Map<String, String> arguments = new HashMap<>();

  private static String text(String name) {
    String value = arguments.get(name);
    if (value == null) throw new IllegalArgumentException("missing argument " + name);
    return value;
  }
  private static int number(String name) { return Integer.parseInt(text(name)); }

  private static KafkaComponents.Source source() {
    return new KafkaComponents.Source(text("brokers"), text("from"), text("group"));
  }

  private static StormTopology topology(String name, int tasks) {
    TopologyBuilder builder = new TopologyBuilder();
    switch (name) {
      case "const-null":
        builder.setSpout("const", new Components.ConstSpout(), tasks);
        builder.setBolt("null", new Components.NullBolt(), tasks).localOrShuffleGrouping("const");
        break;
      case "const-id-null":
        builder.setSpout("const", new Components.ConstSpout(), tasks);
        builder.setBolt("id", new Components.IdBolt(), tasks).localOrShuffleGrouping("const");
        builder.setBolt("null", new Components.NullBolt(), tasks).localOrShuffleGrouping("id");
        break;
      case "wordcount":
        builder.setSpout("lines", new Components.LinesSpout(), tasks);
        builder.setBolt("split", new Components.SplitBolt(), tasks).localOrShuffleGrouping("lines");
        builder.setBolt("count", new Components.CountBolt(), tasks).fieldsGrouping("split", new Fields("word"));
        break;
      case "python-storm":
        builder.setSpout("lines", new Components.LinesSpout(), tasks);
        builder.setBolt("split", new Components.PythonSplitBolt(), tasks).localOrShuffleGrouping("lines");
        builder.setBolt("count", new Components.CountBolt(), tasks).fieldsGrouping("split", new Fields("word"));
        break;
      case "latency":
        builder.setSpout("lines", new Components.PacedSpout(number("rate")));
        builder.setBolt("split", new Components.SplitBolt(), tasks).localOrShuffleGrouping("lines");
        builder.setBolt("count", new Components.CountBolt(), tasks).fieldsGrouping("split", new Fields("word"));
        break;
      case "idle":
        builder.setSpout("quiet", new Components.QuietSpout(), 100);
        builder.setBolt("null", new Components.NullBolt(), 100).localOrShuffleGrouping("quiet");
        break;
      case "slow-bolt":
        builder.setSpout("const", new Components.ConstSpout(), tasks);
        builder.setBolt("work", new Components.SlowBolt(), tasks).localOrShuffleGrouping("const");
        builder.setBolt("null", new Components.NullBolt(), tasks).localOrShuffleGrouping("work");
        break;
      case "kafka-in":
        builder.setSpout("source", source(), tasks);
        builder.setBolt("null", new Components.NullBolt(), tasks).localOrShuffleGrouping("source");
        break;
      case "kafka-wordcount":
      case "kafka-python-wordcount":
        builder.setSpout("lines", source(), tasks);
        if (name.equals("kafka-wordcount"))
          builder.setBolt("split", new Components.SplitBolt(), tasks).localOrShuffleGrouping("lines");
        else
          builder.setBolt("split", new Components.PythonSplitBolt(), tasks).localOrShuffleGrouping("lines");
        builder.setBolt("count", new Components.CountBolt(), tasks).fieldsGrouping("split", new Fields("word"));
        builder.setBolt("sink", KafkaComponents.sink(text("brokers"), text("to")), tasks).localOrShuffleGrouping("count");
        break;
      default: throw new IllegalArgumentException("no topology " + name);
    }
    return builder.createTopology();
  }

  private static Config config() {
    Config config = new Config();
    config.setNumWorkers(1);
    config.setNumAckers(number("ackers"));
    config.put("topology.producer.batch.size", number("batch"));
    config.put("topology.executor.receive.buffer.size", number("queue"));
    config.put("topology.spout.recvq.skips", 8);
    config.put("topology.disable.loadaware.messaging", true);
    config.put("topology.stats.sample.rate", 0.0005);
    if (number("pending") > 0) config.put("topology.max.spout.pending", number("pending"));
    if (number("park") > 0) {
      config.put("topology.spout.wait.strategy", "org.apache.storm.policy.WaitStrategyPark");
      config.put("topology.spout.wait.park.microsec", number("park"));
    }
    if (number("spin") == 1) {
      config.put("topology.bolt.wait.strategy", "org.apache.storm.policy.WaitStrategyPark");
      config.put("topology.bolt.wait.park.microsec", 0);
    }
    return config;
  }

  private static LocalCluster cluster() throws Exception {
    Map<String, Object> daemons = new HashMap<>();
    daemons.put("storm.metricstore.class", "org.apache.storm.metricstore.NoOpMetricStore");
    daemons.put("storm.metricprocessor.class", "org.apache.storm.metricstore.NimbusMetricProcessor");
    daemons.put("storm.local.hostname", "localhost");
    return new LocalCluster.Builder().withDaemonConf(daemons).build();
  }

  public static void main(String[] words) throws Exception {
    for (String word : words) arguments.put(word.substring(0, word.indexOf('=')), word.substring(word.indexOf('=') + 1));
    String name = text("topology");
    Components.load(text("text"));
    LocalCluster cluster = cluster();
    cluster.submitTopology("bench", config(), topology(name, number("tasks")));
    while (Components.sink.sum() == 0) Thread.sleep(1);
    Thread.sleep(number("warm") * 1000L);
    measure(number("seconds"));
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }

  private static void measure(int span) throws Exception {
    OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    Components.latencies.record = true;
    long sunk = Components.sink.sum(), acked = Components.acks.sum(), cpu = system.getProcessCpuTime(), start = System.nanoTime();
    double atSixth = 0, most = 0;  // resident memory after a sixth of the time, and the most of it from then on
    for (int step = 1; step <= 60; step++) {
      Thread.sleep(Math.max(0, start / 1_000_000 + span * 1000L * step / 60 - System.nanoTime() / 1_000_000));
      if (step == 10) atSixth = residentMegabytes();
      if (step >= 10) most = Math.max(most, residentMegabytes());
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    Components.latencies.record = false;
    System.out.printf(Locale.ROOT,
        "{\"sink_per_s\": %.2f, \"acks_per_s\": %.2f, \"cores\": %.4f, \"p50\": %d, \"p99\": %d, \"p999\": %d, \"failed\": %d, "
            + "\"memory\": %.1f, \"growth\": %.4f, \"acked\": %d}%n",
        (Components.sink.sum() - sunk) / seconds, (Components.acks.sum() - acked) / seconds,
        (system.getProcessCpuTime() - cpu) / 1e9 / seconds, Components.latencies.at(0.5), Components.latencies.at(0.99),
        Components.latencies.at(0.999), Components.failures.sum(), residentMegabytes(), most / atSixth, Components.acks.sum());
  }

  private static double residentMegabytes() throws Exception {
    for (String line : Files.readAllLines(Paths.get("/proc/self/status")))
      if (line.startsWith("VmRSS:")) return Double.parseDouble(line.replaceAll("\\D", "")) / 1024;
    return 0;
  }
}
