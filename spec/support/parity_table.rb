# frozen_string_literal: true

# docs/parity.md, and what it should say about the installed engine.
class ParityTable
  # @!attribute owner
  #   @return [String] a class or module below `Tasker`
  # @!attribute name
  #   @return [String] `.name` or `#name`
  # @!attribute by
  #   @return [String] `native`, `engine` or `repaired`
  # @!attribute spec
  #   @return [String, nil] a path
  # @!attribute reason
  #   @return [String]
  Row = Data.define(:owner, :name, :by, :spec, :reason) do
    def to_s = "#{owner}#{name}"

    # @return [String] the name that a name of this method has
    def override = "#{owner.split("::").last}#{name}"

    # @return [Boolean] whether the engine has this method, private ones and scopes included
    def exists?
      klass = "Tasker::#{owner}".safe_constantize or return false
      side = name.start_with?(".") ? klass.singleton_class : klass
      side.method_defined?(name[1..]) || side.private_method_defined?(name[1..])
    end
  end

  PATH = File.expand_path("../../docs/parity.md", __dir__)
  # Columns of a row: `method`, answered by, `spec` or a dash, reason.
  LINE = /\A\| `([.#][^`]+)` \| (\w+) \| (?:`([^`]+)`|—) \|(?: (.+))? \|\z/
  # Where ActiveRecord defines a model's scopes.
  SCOPES = "active_record/scoping/named.rb"
  private_constant :PATH, :LINE, :SCOPES

  # @return [Array<Row>]
  attr_reader :rows
  # @return [Array<String>] lines of tables that cannot be read
  attr_reader :unreadable

  # @param text [String]
  def initialize(text = File.read(PATH))
    @rows = []
    @unreadable = []
    owner = nil
    text.each_line(chomp: true) do |line|
      owner = line.delete_prefix("## ") if line.start_with?("## ")
      read(owner, line) if line.start_with?("|") && !line.start_with?("| method", "| ---")
    end
  end

  # @return [Array<String>] classes and modules that have a section
  def owners = rows.map(&:owner).uniq

  # @return [Array<String>] public methods of the engine's that these classes have, as the engine or the gem defines them, and scopes
  def self.methods_of(owner)
    klass = "Tasker::#{owner}".constantize
    { "." => klass.singleton_class, "#" => klass }.flat_map do |separator, side|
      side.public_instance_methods(false).select { |name| listed?(side.instance_method(name)) }.map { |name| "#{separator}#{name}" }
    end
  end

  # @return [Array<String>] methods in whose place the gem has put something
  def self.replaced
    owners = ObjectSpace.each_object(Module).select { |owner| owner.instance_variable_defined?(:@tasker_core_originals) }
    owners.flat_map do |owner|
      named, mark = owner.singleton_class? ? [owner.attached_object, "."] : [owner, "#"]
      next [] unless named.name # of an example, and not collected yet

      prefix = "#{named.name}#{mark}"
      names = owner.instance_variable_get(:@tasker_core_originals).values.flat_map(&:keys).uniq
      names.map { |name| "#{prefix.delete_prefix("Tasker::")}#{name}" }
    end
  end

  def self.listed?(method)
    TaskerCore::Stock::EngineCode.unmodified?(method) || method.source_location&.first.to_s.end_with?(SCOPES)
  end
  private_class_method :listed?

  private

  def read(owner, line)
    name, by, spec, reason = LINE.match(line)&.captures
    name ? @rows << Row.new(owner:, name:, by:, spec:, reason: reason.to_s) : @unreadable << line
  end
end
