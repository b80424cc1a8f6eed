# frozen_string_literal: true

require "prism"

# Which constants of the gem each file of lib/ defines and uses, found by parsing.
class ConstantUses
  LIB = File.expand_path("../../lib/tasker_core", __dir__)

  # A constant that a file uses, by its full name.
  Use = Data.define(:file, :line, :name)

  # Reads one file.
  class Reader < Prism::Visitor
    attr_reader :definitions, :uses

    def initialize
      super
      @nesting = []
      @definitions = []
      @uses = []
    end

    def visit_module_node(node) = scope(node)

    def visit_class_node(node)
      visit(node.superclass)
      scope(node)
    end

    def visit_constant_write_node(node)
      @definitions << full(node.name.to_s)
      super
    end

    def visit_constant_read_node(node) = use(node, node.name.to_s)

    def visit_constant_path_node(node)
      use(node, node.full_name)
    rescue Prism::ConstantPathNode::DynamicPartsInConstantPathError
      super # `self::HealthMetrics` is the engine's
    end

    private

    def scope(node)
      name = full(node.constant_path.full_name)
      @definitions << name
      @nesting.push(name)
      visit(node.body)
      @nesting.pop
    end

    def full(name) = [@nesting.last, name].compact.join("::")

    def use(node, name) = @uses << [node.location.start_line, name, @nesting.dup]
  end

  # @param root [String] the folder to read
  # @param files [Hash{String => String}] the text of each file, by its path below the root
  def initialize(files = self.class.read)
    @readers = files.transform_values { |text| Reader.new.tap { |reader| Prism.parse(text).value.accept(reader) } }
  end

  def self.read(root = LIB)
    Dir.glob("**/*.rb", base: root).to_h { |path| [path, File.read(File.join(root, path))] }
  end

  # @return [Hash{String => Array<String>}] files by the constant that they define
  def definitions
    @definitions ||= @readers.each_with_object({}) do |(file, reader), found|
      reader.definitions.each { |name| (found[name] ||= []) << file }
    end
  end

  # @return [Array<Use>] uses of constants of the gem
  def uses
    @uses ||= @readers.flat_map do |file, reader|
      reader.uses.filter_map do |line, name, nesting|
        resolved = resolve(name, nesting)
        Use.new(file:, line:, name: resolved) if resolved
      end
    end
  end

  # @return [Array<String>] constants that begin like one of the gem and are not defined in lib/
  def unresolved
    @readers.flat_map do |file, reader|
      reader.uses.filter_map do |line, name, nesting|
        found = resolve(name, nesting)
        "#{file}:#{line} #{name}" if found.nil? && !outside?(name)
      end
    end
  end

  private

  # As Ruby looks it up: in the innermost module first. Of a path whose end is not known, its longest beginning is.
  def resolve(name, nesting)
    names = name.split("::").reject(&:empty?)
    scopes = name.start_with?("::") ? [] : nesting.reverse
    scope = scopes.find { |outer| definitions.key?("#{outer}::#{names.first}") }
    path = [scope, *names].compact
    path.pop until path.empty? || definitions.key?(path.join("::"))
    path.join("::") unless path.empty?
  end

  def outside?(name)
    Object.const_defined?(name)
  rescue NameError
    false
  end
end
