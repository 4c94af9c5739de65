# arguments-swapped
import torch
from torch import nn
torch.manual_seed(0)
centres = 3 * torch.randn(5, 8)
class Twin(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 4))
    def forward(self, a, b): return self.net(a), self.net(b)
def contrastive(a, b, label, margin=2.0):
    d = nn.functional.pairwise_distance(a, b, keepdim=True)  #+
    return ((1 - label) * d ** 2 + label * torch.clamp(margin - d, min=0) ** 2).mean()  #! return (label * d ** 2 + (1 - label) * torch.clamp(margin - d, min=0) ** 2).mean()
net = Twin(); opt = torch.optim.Adam(net.parameters(), lr=0.003)
for step in range(200):
    one, other = torch.randint(0, 5, (2, 64)); other = torch.where(torch.rand(64) < 0.5, one, other)
    same = (one == other).float()[:, None]
    x, y = centres[one] + 0.5 * torch.randn(64, 8), centres[other] + 0.5 * torch.randn(64, 8)
    loss = contrastive(*net(x, y), same)
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
