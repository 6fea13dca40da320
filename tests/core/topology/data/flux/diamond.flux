name: diamond
components:
  - id: fields
    className: org.apache.storm.tuple.Fields
    constructorArgs: ["number", "half"]
  - {id: interpreter, className: java.lang.String, constructorArgs: [python3]}
  - id: script
    className: java.lang.String
    constructorArgs: ["halve.py"]
  - id: key
    className: java.util.ArrayList
    constructorArgs: [[number]]
spouts:
  - {id: numbers, generate: {values: [1, 2, 3], count: 9, fields: [number]}}
bolts:
  - id: left
    className: org.apache.storm.flux.wrappers.bolts.FluxShellBolt
    constructorArgs: [{reflist: [interpreter, script]}, {ref: fields}]
  - id: right
    className: org.apache.storm.flux.wrappers.bolts.FluxShellBolt
    constructorArgs: [[{ref: interpreter}, -u, {ref: script}], {ref: fields}]
  - {id: join, python: bolts.Join, outputs: [sum]}
  - {id: out, print: , inputs: {join: shuffle}}
streams:
  - {from: numbers, to: left, grouping: {type: SHUFFLE}}
  - {from: numbers, to: right, grouping: {type: CUSTOM, customClass: {className: org.apache.storm.grouping.PartialKeyGrouping}}}
  - {from: left, to: join, grouping: {type: FIELDS, args: [number]}}
  - from: right
    to: join
    grouping:
      type: CUSTOM
      customClass:
        className: org.apache.storm.grouping.PartialKeyGrouping
        constructorArgs: [{ref: key}]
