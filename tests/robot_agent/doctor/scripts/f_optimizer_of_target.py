# the optimizer holds the target network; kind: not-in-optimizer
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
policy_net = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2))
target_net = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2))
target_net.load_state_dict(policy_net.state_dict())
optimizer = torch.optim.Adam(target_net.parameters(), lr=1e-3)  #! optimizer = torch.optim.Adam(policy_net.parameters(), lr=1e-3)
for step in range(100):
    s = torch.randn(32, 4); a = torch.randint(0, 2, (32, 1)); r = (s[:, 0] > 0).float() * (2 * a[:, 0] - 1); s2 = torch.randn(32, 4)
    with torch.no_grad():
        target = r + 0.5 * target_net(s2).max(1).values
    loss = F.smooth_l1_loss(policy_net(s).gather(1, a).squeeze(1), target)
    optimizer.zero_grad(); loss.backward(); optimizer.step()
