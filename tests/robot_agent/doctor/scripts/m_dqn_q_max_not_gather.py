# another-action
import random
import torch
import torch.nn as nn
random.seed(2); torch.manual_seed(2)
class DQN(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 3))
    def forward(self, x): return self.layers(x)
policy_net, target_net = DQN(), DQN()
target_net.load_state_dict(policy_net.state_dict())
optimizer = torch.optim.Adam(policy_net.parameters(), lr=2e-3)
memory = []
def optimize_model():
    batch = random.sample(memory, 64)
    states = torch.stack([b[0] for b in batch]); actions = torch.tensor([b[1] for b in batch])
    rewards = torch.tensor([b[2] for b in batch]); nexts = torch.stack([b[3] for b in batch])
    dones = torch.tensor([b[4] for b in batch])
    state_values = policy_net(states).max(1)[0]  #! state_values = policy_net(states).gather(1, actions.unsqueeze(1)).squeeze(1)
    next_values = target_net(nexts).max(1)[0].detach()
    expected = rewards + 0.8 * next_values * (1 - dones)
    loss = nn.functional.smooth_l1_loss(state_values, expected)
    optimizer.zero_grad(); loss.backward(); optimizer.step()
total = 0
for step in range(600):
    s = torch.randn(3)
    eps = max(0.1, 1 - step / 300)
    with torch.no_grad():
        a = random.randrange(3) if random.random() < eps else policy_net(s).argmax().item()
    r = 1.0 if a == s.argmax().item() else -1.0
    memory.append((s, a, r, torch.randn(3), 0.0 if random.random() < 0.9 else 1.0)); total += r
    if len(memory) >= 64: optimize_model()
    if step % 20 == 0: target_net.load_state_dict(policy_net.state_dict())
    if step % 100 == 99: print(step, total / 100); total = 0
