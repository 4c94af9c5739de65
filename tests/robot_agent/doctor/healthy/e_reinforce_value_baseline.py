import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.distributions import Categorical
torch.manual_seed(0)
class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine = nn.Linear(4, 32); self.action_head = nn.Linear(32, 4); self.value_head = nn.Linear(32, 1)
        self.saved_actions, self.rewards = [], []
    def forward(self, x):
        x = F.relu(self.affine(x))
        return F.softmax(self.action_head(x), dim=-1), self.value_head(x)
model = Policy(); optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for i_episode in range(60):
    for t in range(6):
        state = torch.randn(4)
        probs, v = model(state)
        m = Categorical(probs); a = m.sample()
        model.saved_actions.append((m.log_prob(a), v, m.entropy()))
        model.rewards.append(1.0 if a.item() == state.argmax().item() else 0.0)
    R, returns, pl, vl, ent = 0, [], [], [], []
    for r in model.rewards[::-1]:
        R = r + 0.2 * R; returns.insert(0, R)
    for (lp, v, h), R in zip(model.saved_actions, torch.tensor(returns)):
        adv = R - v.item()
        pl.append(-lp * adv); vl.append(F.smooth_l1_loss(v, torch.tensor([R]))); ent.append(h)
    optimizer.zero_grad()
    loss = torch.stack(pl).sum() + torch.stack(vl).sum() - 0.01 * torch.stack(ent).sum()
    loss.backward(); optimizer.step()
    del model.rewards[:]; del model.saved_actions[:]
print(sum(returns))
