import numpy as np, torch
from torch import nn, optim
from torch.distributions import Categorical
class PolicyNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine1 = nn.Linear(4, 32); self.dropout = nn.Dropout(p=0.1); self.affine2 = nn.Linear(32, 2)
        self.saved_log_probs, self.rewards = [], []
    def forward(self, x):
        return torch.softmax(self.affine2(torch.relu(self.dropout(self.affine1(x)))), dim=1)
torch.manual_seed(1); rng = np.random.default_rng(0)
policy = PolicyNet(); optimizer = optim.Adam(policy.parameters(), lr=1e-2); eps = np.finfo(np.float32).eps.item()
def select_action(state):
    state = torch.from_numpy(state).float().unsqueeze(0)
    m = Categorical(policy(state)); action = m.sample()
    policy.saved_log_probs.append(m.log_prob(action)); return action.item()
def finish_episode():
    R = 0; policy_loss = []; returns = []
    for r in policy.rewards[::-1]:
        R = r + 0.99 * R; returns.insert(0, R)
    returns = torch.tensor(returns); returns = (returns - returns.mean()) / (returns.std() + eps)
    for log_prob, R in zip(policy.saved_log_probs, returns): policy_loss.append(-log_prob * R)
    optimizer.zero_grad(); policy_loss = torch.cat(policy_loss).sum(); policy_loss.backward(); optimizer.step()
    del policy.rewards[:]; del policy.saved_log_probs[:]
for episode in range(60):
    x = rng.uniform(-.05, .05, 4)
    for t in range(60):
        a = select_action(x)
        f = 10.0 if a else -10.0
        acc = (9.8 * np.sin(x[2]) - np.cos(x[2]) * (f + 0.05 * x[3] ** 2 * np.sin(x[2])) / 1.1) / (0.5 * (4 / 3 - 0.1 * np.cos(x[2]) ** 2 / 1.1))
        x = x + 0.02 * np.array([x[1], f, x[3], acc])
        policy.rewards.append(1.0)
        if abs(x[2]) > 0.21 or abs(x[0]) > 2.4: break
    finish_episode()
