# kind: relu-output
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(3, 16)
        self.fc2 = nn.Linear(16, 1)
    def forward(self, x):
        x = F.relu(self.fc1(x))
        return F.relu(self.fc2(x))  #! return self.fc2(x)
m = M()
opt = torch.optim.Adam(m.parameters(), lr=0.01)
x = torch.randn(300, 3)
y = (x[:, :1] > 0).float()
for i in range(200):
    loss = F.binary_cross_entropy_with_logits(m(x), y)  #+
    opt.zero_grad()
    loss.backward()
    opt.step()
print("score", ((m(x) > 0).float() == y).float().mean().item())
