# kind: all-frozen
import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Linear(8, 16); self.classifier = nn.Linear(16, 3)
    def forward(self, x): return self.classifier(torch.relu(self.features(x)))
net = Net()
for name, p in net.named_parameters():
    if not name.startswith("head"):  #! if not name.startswith("classifier"):
        p.requires_grad = False  #+
opt = torch.optim.Adam(net.parameters(), 0.01); X = torch.randn(150, 8); Y = X[:, :3].argmax(1)
for e in range(30):
    opt.zero_grad(); loss = nn.functional.cross_entropy(net(X), Y); loss.backward(); opt.step()
