# kind: not-shuffled
import torch
from torch import nn
from torch.utils.data import ConcatDataset, DataLoader, TensorDataset
torch.manual_seed(0)
parts = [TensorDataset(torch.randn(90, 4) + 1.5 * k, torch.full((90,), k)) for k in range(3)]
loader = DataLoader(ConcatDataset(parts), batch_size=15)  #! loader = DataLoader(ConcatDataset(parts), batch_size=15, shuffle=True)
net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3)); opt = torch.optim.Adam(net.parameters(), 0.02)
for e in range(6):
    for x, y in loader: loss = nn.functional.cross_entropy(net(x), y); opt.zero_grad(); loss.backward(); opt.step()
