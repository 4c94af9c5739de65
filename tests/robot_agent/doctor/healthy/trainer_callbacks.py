import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split
torch.manual_seed(0)
class EarlyStopping:
    def __init__(self, patience=3): self.best, self.bad, self.patience, self.state = float("inf"), 0, patience, None
    def __call__(self, loss, model):
        if loss < self.best: self.best, self.bad, self.state = loss, 0, {k: v.clone() for k, v in model.state_dict().items()}
        else: self.bad += 1
        return self.bad >= self.patience
class Trainer:
    def __init__(self, model, opt, loss_fn, scheduler=None): self.model, self.opt, self.loss_fn, self.scheduler = model, opt, loss_fn, scheduler
    def _step(self, batch): return self.loss_fn(self.model(batch[0]), batch[1])
    def fit(self, train, val, epochs):
        stop = EarlyStopping()
        for e in range(epochs):
            self.model.train(); total = 0
            for b in train:
                self.opt.zero_grad(); loss = self._step(b); loss.backward(); self.opt.step(); total += loss.item() * len(b[0])
            self.model.eval()
            with torch.no_grad(): v = sum(self._step(b).item() for b in val) / len(val)
            if self.scheduler: self.scheduler.step(v)
            if stop(v, self.model): break
        self.model.load_state_dict(stop.state)
X = torch.randn(500, 6); Y = (X[:, :1] * 2 - X[:, 1:2]).tanh()
tr, va = random_split(TensorDataset(X, Y), [400, 100])
m = nn.Sequential(nn.Linear(6, 32), nn.LayerNorm(32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 1))
o = torch.optim.NAdam(m.parameters(), lr=5e-3)
Trainer(m, o, nn.HuberLoss(), torch.optim.lr_scheduler.ReduceLROnPlateau(o, patience=2)).fit(DataLoader(tr, 32, shuffle=True), DataLoader(va, 50), 12)
